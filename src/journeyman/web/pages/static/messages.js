// Messages beside a field and above the form: shown, read aloud, taken back.

/** Show a message; the element has role=alert, so it is read aloud. */
export function show(element, text) {
  if (!element) return;
  const place = element.querySelector("p") ?? element;
  if (text !== undefined) place.textContent = text;
  element.setAttribute("aria-hidden", "false");
  element.style.display = "block";
}

/** Take a message back. */
export function hide(element) {
  if (!element) return;
  element.setAttribute("aria-hidden", "true");
  element.style.display = "none";
}

/** Take back every message above the form. */
export function hidePageErrors(form) {
  form.querySelectorAll(".error.pageLevel").forEach(hide);
}

/** Show or take back ("") the message of a field. */
export function fieldError(id, text) {
  const element = document.getElementById(`${id}_error`);
  for (const control of controlsOf(id)) {
    control.classList.toggle("highlightError", Boolean(text));
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  if (text) show(element, text);
  else hide(element);
}

/** Return the form controls of a field, one or several. */
export function controlsOf(id) {
  const element = document.getElementById(id);
  if (!element) return [];
  return element.matches("input, select, textarea") ? [element] : [...element.querySelectorAll("input, select")];
}
