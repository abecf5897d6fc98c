// The script of every page: sign-in, self-asserted, provider selection (pages.md §5).

import { check, displayControls, fields, fillYears, selfAssertedTexts, valueOf, values } from "./fields.js";
import { controlsOf, fieldError, hidePageErrors, show } from "./messages.js";
import { verifiable } from "./verification.js";
import { verificationControl } from "./verification_control.js";
import { leave, send } from "./wire.js";

const { CONTENT, SETTINGS } = window;
const MOST_TRIES_USED = "AADB2C90157";
let busy = false;

const combinedTexts = {
  missing: (field) => (field.IS_PASSWORD ? CONTENT.requiredField_password : CONTENT.requiredField_generic),
  incorrect: (field) => field.PAT_DESC || (field.IS_PASSWORD ? CONTENT.invalid_password : CONTENT.invalid_generic),
};

function setBusy(form, value) {
  busy = value;
  form.setAttribute("aria-busy", String(value));
  document.getElementById("api").classList.toggle("busy", value);
  const blurb = document.getElementById("verifying_blurb");
  if (blurb) blurb.textContent = value ? CONTENT.verifying_blurb : "";
}

/** Post the fields and go on, or show why not. */
async function submit(form, errorElement, confirmed) {
  if (busy) return;
  setBusy(form, true);
  const answer = await send({ request_type: "RESPONSE", ...values() });
  if (answer.status === "200" || answer.errorCode === MOST_TRIES_USED) {
    leave("confirmed", confirmed());
    return;
  }
  setBusy(form, false);
  show(errorElement, answer.message || CONTENT.unknown_error);
  errorElement.scrollIntoView({ block: "nearest" });
  const password = fields.find((field) => field.IS_PASSWORD);
  if (SETTINGS.api === "CombinedSigninAndSignup" && password) {
    const [input] = controlsOf(password.ID);
    input.value = "";
    input.focus();
  }
}

function checkAll(texts) {
  const found = fields.map((field) => [field, check(field, texts)]).filter(([, problem]) => problem);
  if (found.length) controlsOf(found[0][0].ID)[0]?.focus();
  return new Set(found.map(([, problem]) => problem));
}

/** After the first try a field is checked again when typing has stopped for a while. */
function checkAgain(texts, delayMs) {
  for (const field of fields) {
    let timer;
    for (const control of controlsOf(field.ID)) {
      control.addEventListener("input", () => {
        clearTimeout(timer);
        if (!control.classList.contains("highlightError")) return;
        timer = setTimeout(() => check(field, texts), valueOf(field) ? Math.min(delayMs, 400) : delayMs);
      });
    }
  }
}

function startCombined() {
  const form = document.getElementById("localAccountForm");
  if (!form) return;
  form.noValidate = true;
  for (const field of fields) field.IS_REQ = true;
  checkAgain(combinedTexts, SETTINGS.config.inputVerificationDelayTimeInMilliseconds);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hidePageErrors(form);
    if (checkAll(combinedTexts).size) return;
    const remember = document.getElementById("rememberMe");
    submit(form, form.querySelector(".error.pageLevel"), () => (remember ? { rememberMe: remember.checked } : {}));
  });
  const empty = fields.find((field) => !valueOf(field)) ?? fields[0];
  if (empty) controlsOf(empty.ID)[0]?.focus();
}

function startSelfAsserted() {
  const form = document.getElementById("attributeVerification");
  form.noValidate = true;
  fillYears();
  const verifications = startVerification();
  checkAgain(selfAssertedTexts, SETTINGS.config.inputVerificationDelayTimeInMilliseconds);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hidePageErrors(form);
    const open = verifications.find((verification) => !verification.isVerified());
    if (open) open.remind();
    else if (isComplete()) submit(form, document.getElementById("claimVerificationServerError"), () => ({}));
  });
  document.getElementById("cancel")?.addEventListener("click", () => leave("cancelled"));
  for (const link of form.querySelectorAll(".helpLink")) link.addEventListener("click", toggleHelp);
  if (matchMedia("(pointer: fine)").matches) form.querySelector("input:not([readonly]), select")?.focus();
}

function startVerification() {
  const verifications = [];
  const changed = () => {
    const complete = verifications.every((verification) => verification.isVerified());
    const next = document.getElementById("continue");
    if (!next) return;
    next.setAttribute("aria-disabled", String(!complete));
    if (complete) next.removeAttribute("tabindex");
    else next.setAttribute("tabindex", "-1");
  };
  for (const field of fields.filter((candidate) => candidate.VERIFY)) {
    verifications.push(verifiable(field, changed));
  }
  for (const control of displayControls) verifications.push(verificationControl(control, changed));
  if (verifications.length) changed();
  return verifications;
}

function isComplete() {
  const problems = checkAll(selfAssertedTexts);
  if (problems.has("missing")) show(document.getElementById("requiredFieldMissing"), CONTENT.error_requiredFieldMissing);
  if (problems.has("incorrect")) show(document.getElementById("fieldIncorrect"), CONTENT.error_fieldIncorrect);
  return problems.size === 0 && passwordsMatch();
}

function passwordsMatch() {
  const [first, second] = ["newPassword", "reenterPassword"].map((id) => fields.find((field) => field.ID === id));
  if (!first || !second || valueOf(first) === valueOf(second)) return true;
  if (SETTINGS.config.passwordMismatchInline) fieldError(second.ID, CONTENT.error_passwordEntryMismatch);
  else show(document.getElementById("passwordEntryMismatch"), CONTENT.error_passwordEntryMismatch);
  controlsOf(second.ID)[0].focus();
  return false;
}

function toggleHelp(event) {
  event.preventDefault();
  const link = event.currentTarget;
  const open = link.getAttribute("aria-expanded") === "true";
  link.setAttribute("aria-expanded", String(!open));
  if (open) {
    link.nextElementSibling.remove();
    return;
  }
  const text = document.createElement("div");
  text.className = "helpText";
  text.setAttribute("role", "status");
  link.after(text);
  text.textContent = link.dataset.help;
}

for (const button of document.querySelectorAll("#api button.claims-provider-selection")) {
  button.addEventListener("click", () => location.assign(button.dataset.href));
}
if (SETTINGS.api === "SelfAsserted") startSelfAsserted();
else startCombined();

// A page out of the back-forward cache is as it was left: busy.
addEventListener("pageshow", (event) => {
  const form = document.querySelector("#api form");
  if (event.persisted && form) setBusy(form, false);
});
