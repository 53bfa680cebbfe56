// Goes to a date: a row below the search bar with the browser's own field for one.
import { Refused } from "./api.js";
import { daysBetween } from "./dates.js";
import { make, setText } from "./dom.js";
import { t } from "./i18n.js";
import { firstSince } from "./search_api.js";
import { searchRefusalOf } from "./search_words.js";

const FIRST_DAY = "2000-01-01";

/**
 * A day of the reader's zone as the field writes it.
 * @param {Date} moment
 */
export const dayOf = (moment) => {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
};

/**
 * The first moment of such a day in the reader's zone, null where it is none.
 * @param {string} day
 */
export function beginOf(day) {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  const moment = new Date(year, month - 1, date);
  return year >= 1000 && dayOf(moment) === day ? moment : null;
}

/**
 * What is said where nothing was written on the day that was asked for; "" where something was.
 * @param {number} asked
 * @param {number} at the moment of the message that is shown
 * @param {string} date its day
 */
export function elsewhereWords(asked, at, date) {
  if (at < asked) return t("Nothing was written since then. The last message is of %(date)s.", { date });
  return daysBetween(asked, at) ? t("Nothing was written on that day. The next message is of %(date)s.", { date }) : "";
}

export class DateRow {
  #chatId = 0;
  #parts;
  #field = make("input", { type: "date", name: "day", required: true, min: FIRST_DAY });
  #words = make("p", { class: "seek__far", role: "alert" });

  /**
   * @param {object} parts
   * @param {(seq: number) => Promise<boolean>} parts.jump
   * @param {(words: string) => void} parts.say
   * @param {(moment: number) => string} parts.dayOf
   * @param {() => void} parts.closed
   */
  constructor(parts) {
    this.#parts = parts;
    const label = make("label", {}, t("Go to a date"), this.#field);
    const button = make("button", { class: "button button--soft" }, t("Go"));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#go();
    };
    this.node = make(
      "form",
      { class: "seek__date", novalidate: true, hidden: true, submit },
      label,
      button,
      this.#words,
    );
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
      parts.closed();
    });
  }

  /** @param {number} chatId */
  toggle(chatId) {
    if (this.node.hidden) return this.open(chatId);
    this.close();
    this.#parts.closed();
  }

  /** @param {number} chatId */
  open(chatId) {
    this.#chatId = chatId;
    this.#field.max = dayOf(new Date());
    this.node.hidden = false;
    this.#field.focus();
  }

  close() {
    this.node.hidden = true;
    this.#say("");
  }

  async #go() {
    const moment = beginOf(this.#field.value);
    if (!moment) {
      this.#say(t("Choose a day first."));
      return this.#field.focus();
    }
    try {
      await this.#show(this.#chatId, moment);
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      this.#say(searchRefusalOf(refusal.code));
    }
  }

  /**
   * @param {number} chatId
   * @param {Date} moment
   */
  async #show(chatId, moment) {
    const message = await firstSince(chatId, moment);
    if (this.node.hidden || chatId !== this.#chatId) return;
    if (!message) return this.#say(t("No messages yet"));
    const date = this.#parts.dayOf(message.at);
    const isShown = await this.#parts.jump(message.seq);
    if (!isShown) return this.#say(t("This message cannot be shown right now."));
    this.#say(elsewhereWords(moment.getTime(), message.at, date));
    this.#parts.say(date);
  }

  /** @param {string} words */
  #say(words) {
    setText(this.#words, words);
    this.#words.hidden = !words;
    if (words && !this.#field.value) this.#field.setAttribute("aria-invalid", "true");
    else this.#field.removeAttribute("aria-invalid");
  }
}
