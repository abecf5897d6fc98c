// The fields of a page: their values for the wire, and what is plainly wrong with them.
// The server decides; these checks only save a round trip.

import { controlsOf, fieldError } from "./messages.js";
import { failures, yearsOf } from "./predicates.js";

const { CONTENT, SETTINGS } = window;

const attributes = window.SA_FIELDS?.AttributeFields ?? [];

/** The display controls of the page. */
export const displayControls = attributes.filter((field) => field.USER_INPUT_TYPE === "DisplayControl");

/** The fields that a person can fill in, but for those of display controls. */
export const fields = attributes.filter(
  (field) => !field.IS_RDO && !field.IS_TEXT_IN_PARAGRAPH && !displayControls.includes(field),
);

/** Return the value of a field as it is posted: dates as yyyy-MM-dd, several choices joined by commas. */
export function valueOf(field) {
  if (field.IS_DATE) return dateOf(field.ID);
  const controls = controlsOf(field.ID);
  if (field.IS_RADIO || field.IS_CHECK_MULTI) {
    return controls.filter((control) => control.checked).map((control) => control.value).join(",");
  }
  const value = controls[0]?.value ?? "";
  return field.IS_PASSWORD && !SETTINGS.trimSpacesInPassword ? value : value.trim();
}

/** Return all values, by claim id; the code of a display control has been used up. */
export function values() {
  const claims = displayControls
    .flatMap((control) => control.DISPLAY_FIELDS)
    .filter((field) => field.CONTROL_CLAIM !== "VerificationCode" && !field.IS_RDO && !field.IS_TEXT_IN_PARAGRAPH);
  return Object.fromEntries([...claims, ...fields].map((field) => [field.ID, valueOf(field)]));
}

/** Show what is wrong with a field; return "", "missing" or "incorrect". */
export function check(field, texts) {
  const value = valueOf(field);
  let found = "";
  if (!value && isIncomplete(field)) found = "incorrect";
  else if (!value && field.IS_REQ) found = "missing";
  else if (value && !matches(field.PAT, value)) found = "incorrect";
  const broken = found || !field.PREDICATES ? null : failures(field.PREDICATES, value);
  if (broken !== null) found = "incorrect";
  const text = found === "missing" ? texts.missing(field) : found && (broken || texts.incorrect(field));
  fieldError(field.ID, text);
  return found;
}

/** Put the years around today into the lists of dates; a year that is already there stays chosen. */
export function fillYears() {
  const now = new Date().getFullYear();
  for (const list of document.querySelectorAll("#attributeList .date select.year")) {
    const chosen = list.value;
    const field = attributes.find((each) => `${each.ID}_year` === list.id);
    const { first, last } = yearsOf(field?.PREDICATES ?? []);
    const newest = last ?? Math.max(now + 20, first ?? 0);
    for (let year = newest; year >= (first ?? newest - 140); year -= 1) {
      if (String(year) !== chosen) list.add(new Option(String(year), String(year)));
    }
  }
}

/** Replace {0} in a text. */
export function fill(text, value) {
  return text.replaceAll("{0}", value);
}

/** The messages of a self-asserted page. */
export const selfAssertedTexts = {
  missing: (field) => fill(CONTENT.required_field_descriptive, field.DN),
  incorrect: (field) => field.PAT_DESC || CONTENT.ver_incorrect_format,
};

function parts(id) {
  return ["year", "month", "day"].map((name) => document.getElementById(`${id}_${name}`)?.value ?? "");
}

function dateOf(id) {
  const [year, month, day] = parts(id);
  if (!year || !month || !day) return "";
  return `${year.padStart(4, "0")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function isIncomplete(field) {
  return field.IS_DATE && parts(field.ID).some(Boolean);
}

function matches(pattern, value) {
  if (!pattern) return true;
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true; // The pattern is .NET's; what this browser cannot read is left to the server.
  }
}
