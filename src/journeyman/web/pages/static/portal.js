// Keeps a page of the portal current: asks again and again whether it changed, then takes over the new content.

const everyMs = Number(document.body.dataset.pollMs);
const pulse = document.getElementById("pulse");

/** Write the times in the person's own time zone. */
function localise(root) {
  const sameDay = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  const otherDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const today = new Date().toDateString();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    element.title = element.dateTime;
    element.textContent = (at.toDateString() === today ? sameDay : otherDay).format(at);
  }
}

/** Take over the content of a newer version of this page; what was opened stays open. */
async function takeOver() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const loaded = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const current = document.getElementById("live");
  const open = new Set([...current.querySelectorAll("details[open]")].map((details) => details.dataset.key));
  const focused = current.contains(document.activeElement) ? document.activeElement.id : "";
  const next = document.importNode(loaded, true);
  for (const details of next.querySelectorAll("details")) details.open = open.has(details.dataset.key);
  localise(next);
  current.replaceWith(next);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look() {
  const answer = await fetch(document.body.dataset.poll, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const { version } = await answer.json();
  if (version !== document.getElementById("live").dataset.version) await takeOver();
}

async function keepCurrent() {
  if (!document.hidden) {
    try {
      await look();
      say("Live", false);
    } catch {
      say("Not connected", true);
    }
  }
  setTimeout(keepCurrent, everyMs);
}

function say(text, isLost) {
  if (pulse.textContent !== text) pulse.textContent = text;
  pulse.classList.toggle("lost", isLost);
}

/** Copy a secret that is shown once; without the permission the field is selected instead. */
async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Selected";
  }
}

/** Say that a form is on its way, and send it once: some answers take seconds. */
function send(event) {
  const form = event.target;
  if (form.hasAttribute("aria-busy")) event.preventDefault();
  form.setAttribute("aria-busy", "true");
}

document.addEventListener("submit", send);
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});
localise(document);
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
// A page with a form is not taken over: what was typed in would be lost.
if (document.body.dataset.poll) setTimeout(keepCurrent, everyMs);
