// A verification display control: send a code for its claims, check it, change the claims (pages.md §6.3).

import { check, selfAssertedTexts, valueOf } from "./fields.js";
import { controlsOf, fieldError, hide, show } from "./messages.js";
import { act } from "./wire.js";

/** The states and what each shows. Ours: the claims can be changed while a code is awaited, too. */
const STATES = {
  initial: { code: false, buttons: ["send_code"] },
  sent: { code: true, buttons: ["verify_code", "send_new_code", "change_claims"] },
  verified: { code: false, buttons: ["change_claims"] },
};

/** Start a control; `changed()` is called whenever it becomes verified or is no longer so. */
export function verificationControl(control, changed) {
  const find = (suffix) => document.getElementById(`${control.ID}_${suffix}`);
  const element = document.getElementById(control.ID);
  const claims = control.DISPLAY_FIELDS.filter((field) => field.CONTROL_CLAIM !== "VerificationCode");
  const code = control.DISPLAY_FIELDS.find((field) => field.CONTROL_CLAIM === "VerificationCode");
  const editable = claims.filter((field) => !field.IS_RDO && !field.IS_TEXT_IN_PARAGRAPH);
  let state = "initial";

  function enter(next) {
    state = next;
    if (code) toggle(element.querySelector("li.VerificationCode"), STATES[next].code);
    for (const name of ["send_code", "verify_code", "send_new_code", "change_claims"]) {
      toggle(find(`but_${name}`), STATES[next].buttons.includes(name));
    }
    for (const input of editable.flatMap((field) => controlsOf(field.ID))) lock(input, next !== "initial");
    changed();
  }

  function say(kind, text) {
    for (const name of ["info", "success", "error"]) {
      const message = find(`${name}_message`);
      if (name === kind) show(message, text);
      else hide(message);
      message.parentElement.style.display = name === kind ? "block" : "none";
    }
  }

  async function ask(action, fields) {
    const wrong = fields.filter((field) => check(field, selfAssertedTexts));
    if (wrong.length) {
      controlsOf(wrong[0].ID)[0]?.focus();
      return null;
    }
    const buttons = [...element.querySelectorAll(".buttons button")];
    buttons.forEach((button) => { button.disabled = true; });
    toggle(element.querySelector(".working"), true);
    const answer = await act(control.ID, action, Object.fromEntries(fields.map((field) => [field.ID, valueOf(field)])));
    toggle(element.querySelector(".working"), false);
    buttons.forEach((button) => { button.disabled = false; });
    return answer;
  }

  async function sendCode() {
    const { failure, success } = find("but_send_code").dataset;
    const answer = await ask("SendCode", editable);
    if (!answer) return;
    if (answer.status !== "200") {
      say("error", answer.message || failure);
      return;
    }
    enter("sent");
    say("success", success);
    if (!code) return;
    const [input] = controlsOf(code.ID);
    input.value = "";
    fieldError(code.ID, "");
    input.focus();
  }

  async function verifyCode() {
    const { failure, success } = find("but_verify_code").dataset;
    const answer = await ask("VerifyCode", code ? [...editable, { ...code, IS_REQ: true }] : editable);
    if (!answer) return;
    if (answer.status !== "200") {
      say("error", answer.message || failure);
      if (code) controlsOf(code.ID)[0].select();
      return;
    }
    enter("verified");
    say("success", success);
    find("but_change_claims").focus();
  }

  find("but_send_code").addEventListener("click", sendCode);
  find("but_send_new_code").addEventListener("click", sendCode);
  find("but_verify_code").addEventListener("click", verifyCode);
  find("but_change_claims").addEventListener("click", () => {
    enter("initial");
    say("");
    if (editable[0]) controlsOf(editable[0].ID)[0]?.focus();
  });
  for (const field of control.DISPLAY_FIELDS) {
    for (const input of controlsOf(field.ID)) {
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || input.tagName === "SELECT") return;
        event.preventDefault();
        if (state === "initial") sendCode();
        else if (state === "sent") verifyCode();
      });
    }
  }
  enter("initial");

  return {
    isVerified: () => state === "verified",
    /** Lead the person to what is left to do. */
    remind() {
      say("info", find("info_message").dataset.text);
      const field = state === "sent" && code ? code : editable[0];
      if (field) controlsOf(field.ID)[0]?.focus();
      else find(state === "sent" ? "but_verify_code" : "but_send_code").focus();
    },
  };
}

function lock(input, locked) {
  if (input.tagName === "SELECT" || input.type === "radio" || input.type === "checkbox") input.disabled = locked;
  else input.readOnly = locked;
}

function toggle(element, visible) {
  element.setAttribute("aria-hidden", String(!visible));
  element.style.display = visible ? "" : "none";
}
