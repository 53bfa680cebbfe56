// The messages of the open chat. Only a window of them is in the page, however many there are; what is in view stays
// where it is while others come and go around it.
import { find, icon, make, paintAvatar, setText } from "./dom.js";
import { isEmojiOnly } from "./emoji.js";
import { isolate, t } from "./i18n.js";
import { partsOf } from "./links.js";
import { heldSeq, problemOf, runOf } from "./store.js";

const PAGE = 60;
const MOST = 240;
const NEAR = 700;
const GROUP = 5 * 60_000;
const PATIENCE = 3000;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff]|\ud83a|\ud802|\ud803/;
/** Whether something in `text` is written from right to left. */
export const isRightToLeft = (text) => RIGHT_TO_LEFT.test(text);

const TICK = { box: "0 0 20 16", words: () => ({ waiting: t("waiting"), sent: t("sent"), delivered: t("delivered"), read: t("read"), failed: t("not sent") }) };

/** Why a message was not sent, in words. */
const reason = (code) => ({
  message_too_long: t("Too long to be sent."),
  not_delivered: t("Nothing gets through between you two now."),
  no_such_user: t("This account has been deleted. The conversation stays."),
  no_such_chat: t("This chat does not exist any more."),
  forbidden: t("You may not write here."),
  client_id_reused: t("It got mixed up with another message."),
})[code] ?? t("Not sent.");

const dayOf = (moment) => {
  const date = new Date(moment);
  return date.getFullYear() * 400 + date.getMonth() * 32 + date.getDate();
};

const makeLink = ({ text, href, shown = text }) => make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" }, shown);

export class MessagesView {
  chat = null;
  atEnd = true;
  #nodes = new Map();
  #places = new Map();
  #from = 1;
  #to = 0;
  #following = true;
  #lineAfter = null;
  #lineBefore = 0;
  #seeking = false;
  #name = "";
  #wasLast = 0;
  #frame = 0;

  /**
   * `pages` fetches what is before, behind and around the held ones (see Pages); `moved()` runs when the reader has
   * reached or left the end.
   */
  constructor({ store, dates, pages, moved, retry, cancel }) {
    Object.assign(this, { store, dates, pages, moved, retry, cancel });
    this.scroller = find(".scroller");
    this.list = find(".messages");
    this.jump = find("#jump");
    this.words = TICK.words();
    this.list.style.setProperty("--time", `${dates.time(0).length * 6.7}px`);
    this.scroller.addEventListener("scroll", () => {
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        this.#look();
      });
    }, { passive: true });
    this.jump.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => {
      if (this.chat && this.atEnd) this.#sink();
    }).observe(this.scroller);
  }

  /** Show `chat` (or nothing): where the reader left off, else where they were, else at the end. */
  open(chat) {
    if (this.chat) this.#remember();
    this.chat = chat;
    this.#nodes.clear();
    this.list.replaceChildren();
    this.#lineAfter = null;
    this.#lineBefore = 0;
    this.#seeking = false;
    if (!chat) return;
    this.#name = chat.other.username;
    const place = this.#places.get(chat.id);
    this.#places.delete(chat.id);
    this.#showEnd();
    if (chat.unread) this.#mark(chat.readSeq);
    if (this.#lineBefore) {
      this.#around(this.#lineBefore);
      this.#paint();
      this.#toLine();
    } else if (chat.unread && chat.more) {
      // Where they left off is not here yet: begin at the top of what is until it has arrived.
      this.#seeking = true;
      this.store.closePart(chat);
      this.#around(chat.messages[0]?.seq ?? 1);
      this.#paint();
      this.scroller.scrollTop = 0;
      this.pages.around(chat, chat.readSeq).then(() => this.#found(chat));
    } else if (place) {
      this.#around(place.seq);
      this.#paint();
      const node = this.list.querySelector(`[data-seq="${place.seq}"]`);
      if (node) this.scroller.scrollTop = node.offsetTop - place.offset;
    } else {
      this.store.closePart(chat);
      this.#paint();
      this.#sink();
    }
    this.#look();
  }

  /** Show what has changed. */
  render() {
    if (!this.chat || !this.scroller.clientHeight) return;
    if (this.#name !== this.chat.other.username) this.#forgetNodes();
    if (this.atEnd && this.#following) {
      this.#trim();
      this.#paint();
      this.#sink();
    } else {
      const anchor = this.#anchor();
      const before = anchor?.getBoundingClientRect().top;
      this.#paint();
      if (anchor?.isConnected) {
        const by = anchor.getBoundingClientRect().top - before;
        if (by) this.scroller.scrollTop += by;
      }
    }
    this.#look();
  }

  /** What was sought has arrived, or cannot be fetched now. Who has gone elsewhere meanwhile stays there. */
  #found(chat) {
    if (this.chat !== chat || !this.#seeking) {
      if (this.chat !== chat || this.atEnd) this.store.closePart(chat);
      return;
    }
    this.#seeking = false;
    this.#findLine();
    if (this.#lineBefore) {
      this.#around(this.#lineBefore);
      this.#paint();
      this.#toLine();
    }
    this.#look();
  }

  toEnd() {
    this.#seeking = false;
    if (this.chat) this.store.closePart(this.chat);
    this.#showEnd();
    this.#paint();
    this.#sink();
    this.#look();
  }

  /** Somebody has written while nobody looked: what comes from here on is new. */
  mark() {
    if (this.chat && this.#lineAfter === null) this.#mark(this.chat.readSeq);
  }

  /** The reader has answered: nothing is new any more. */
  unmark() {
    this.#lineAfter = null;
    this.#lineBefore = 0;
  }

  #mark(seq) {
    this.#lineAfter = seq;
    this.#findLine();
  }

  /** Every message says who has written it; that name has changed. */
  #forgetNodes() {
    this.#name = this.chat.other.username;
    this.#nodes.clear();
    this.list.replaceChildren();
  }

  #findLine() {
    const { messages } = runOf(this.chat);
    if (this.#lineAfter === null || this.#lineBefore || !messages.length || messages[0].seq > this.#lineAfter + 1) return;
    const from = Math.max(0, this.#lineAfter + 1 - messages[0].seq);
    for (let at = from; at < messages.length; at += 1) {
      if (messages[at].from !== this.store.me.id) {
        this.#lineBefore = messages[at].seq;
        return;
      }
    }
  }

  #showEnd() {
    this.#following = true;
    this.atEnd = true;
    this.#from = heldSeq(this.chat) - PAGE;
    this.#wasLast = heldSeq(this.chat);
  }

  #around(seq) {
    this.#from = seq - PAGE / 2;
    this.#to = seq + PAGE;
    this.#following = this.#reachesEnd();
    this.atEnd = false;
  }

  /** Whether the window ends with the newest message there is. */
  #reachesEnd() {
    return !this.chat.part && this.#to >= heldSeq(this.chat);
  }

  #remember() {
    const anchor = this.atEnd ? null : this.#anchor();
    if (anchor?.dataset.seq) this.#places.set(this.chat.id, { seq: Number(anchor.dataset.seq), offset: anchor.offsetTop - this.scroller.scrollTop });
  }

  #sink() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #toLine() {
    const line = find(".unread-line", this.list);
    if (line) this.scroller.scrollTop = line.offsetTop - this.scroller.clientHeight / 4;
  }

  #trim() {
    this.#from = Math.max(this.#from, heldSeq(this.chat) - MOST);
  }

  /** The first message in view. */
  #anchor() {
    const { children } = this.list;
    let low = 0;
    let high = children.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (children[middle].offsetTop + children[middle].offsetHeight <= this.scroller.scrollTop) low = middle + 1;
      else high = middle;
    }
    while (low < children.length && !children[low].dataset.key) low += 1;
    return children[low] ?? null;
  }

  /** See where the reader is: tell of the end, and bring more where they come near an edge. */
  #look() {
    const { chat, scroller } = this;
    if (!chat || !scroller.clientHeight) return;
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const atEnd = this.#following && below < 48 && !this.#seeking;
    if (atEnd !== this.atEnd || !this.jump.dataset.known) {
      this.atEnd = atEnd;
      this.jump.dataset.known = "yes";
    }
    this.moved();
    this.#renderJump();
    if (this.#seeking) return;
    const { messages, more } = runOf(chat);
    if (below < NEAR && !this.#following) {
      if (chat.part && this.#to >= messages.at(-1).seq) this.pages.newer(chat);
      else this.#shift(PAGE);
    } else if (scroller.scrollTop < NEAR) {
      if (this.#from > (messages[0]?.seq ?? 1)) this.#shift(-PAGE);
      else if (more) this.pages.older(chat);
    }
  }

  /** Move the window by some messages, and keep what is in view in its place. */
  #shift(by) {
    const { messages } = runOf(this.chat);
    const last = messages.at(-1)?.seq ?? 0;
    const first = messages[0]?.seq ?? 1;
    if (by < 0) {
      this.#from = Math.max(first, this.#from + by);
      if ((this.#following ? last : this.#to) - this.#from > MOST) {
        this.#to = this.#from + MOST;
        this.#following = false;
      }
    } else {
      this.#to = Math.min(this.#to + by, last);
      this.#following = this.#reachesEnd();
      this.#from = Math.max(this.#from, Math.min(this.#to, last) - MOST);
    }
    this.render();
  }

  #renderJump() {
    this.jump.hidden = this.atEnd;
    const badge = find(".badge", this.jump);
    badge.hidden = !this.chat.unread;
    setText(badge, this.chat.unread > 99 ? "99+" : String(this.chat.unread));
  }

  #paint() {
    this.#findLine();
    const items = this.#items();
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, node] of this.#nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    let cursor = this.list.firstChild;
    for (const item of items) {
      let node = this.#nodes.get(item.key);
      if (!node) {
        node = this.#make(item);
        this.#nodes.set(item.key, node);
      }
      if (item.message) this.#fill(node, item);
      else if (item.label) setText(node.firstChild, item.label);
      if (node === cursor) cursor = cursor.nextSibling;
      else this.list.insertBefore(node, cursor);
    }
    this.#wasLast = heldSeq(this.chat);
  }

  /** What is to be seen: messages of the window with day lines, the line of new ones, and what waits to be sent. */
  #items() {
    const { chat, store } = this;
    const { messages, more } = runOf(chat);
    const first = messages[0]?.seq ?? 1;
    const waiting = store.waitingOf(chat);
    const get = (index) => (index < messages.length ? messages[index] : waiting[index - messages.length]);
    const begin = Math.max(0, this.#from - first);
    const end = this.#following ? messages.length + waiting.length : Math.min(messages.length, this.#to - first + 1);
    const items = [];
    // Its place above the window, and the one below, stay the same while more arrives: what is in view has nothing to move for.
    if (begin || more) items.push({ key: "older", kind: "older" });
    else items.push({ key: "beginning", kind: "beginning", empty: !messages.length && !waiting.length });
    const sender = (one) => one.from ?? store.me.id;
    const joined = (a, b) => a && b && sender(a) === sender(b) && b.at - a.at < GROUP && dayOf(a.at) === dayOf(b.at) && b.seq !== this.#lineBefore;
    for (let index = begin; index < end; index += 1) {
      const message = get(index);
      const before = get(index - 1);
      const day = dayOf(message.at);
      if (!before || index === begin || day !== dayOf(before.at)) items.push({ key: `day ${day}`, kind: "day", label: this.dates.day(message.at) });
      if (message.seq && message.seq === this.#lineBefore) items.push({ key: "line", kind: "unread-line" });
      const mine = sender(message) === store.me.id;
      items.push({ key: mine && message.clientId ? `c ${message.clientId}` : `s ${message.seq}`, message, mine, first: !joined(before, message), last: !joined(message, get(index + 1)) });
    }
    if (!this.#following) items.push({ key: "newer", kind: "newer" });
    if (this.#following && chat.typing) items.push({ key: "typing", kind: "typing" });
    return items;
  }

  #make(item) {
    if (item.message) return this.#makeMessage(item);
    if (item.kind === "day") return make("li", { class: "day" }, make("span", {}, item.label));
    if (item.kind === "unread-line") return make("li", { class: "unread-line" }, t("New messages"));
    if (item.kind === "typing") return make("li", { class: "typing", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    if (item.kind === "older") return make("li", { class: "older" }, make("span", { class: "unseen" }, t("Older messages are on their way")));
    if (item.kind === "newer") return make("li", { class: "older" }, make("span", { class: "unseen" }, t("Newer messages are on their way")));
    const avatar = make("span", { class: "avatar avatar--large", "aria-hidden": "true" });
    paintAvatar(avatar, this.chat.other);
    const { deleted, username } = this.chat.other;
    const words = deleted ? t("This is the beginning of the chat.") : t("This is the beginning of your chat with %(name)s.", { name: isolate(username) });
    return make("li", { class: "beginning" }, avatar, make("span", {}, words));
  }

  #makeMessage({ key, message, mine }) {
    if (message.problem) return this.#makeDoubtful({ key, message, mine });
    const content = message.content ?? message.text;
    const isEmoji = isEmojiOnly(content);
    const text = make("div", { class: `bubble__text${isEmoji ? " emoji" : ""}`, dir: "auto" });
    for (const part of partsOf(content)) {
      text.append(part.href ? makeLink(part) : part.text);
    }
    const meta = make("div", { class: "bubble__meta" }, make("time", { datetime: new Date(message.at).toISOString(), title: this.dates.full(message.at) }, this.dates.time(message.at)));
    if (mine) meta.append(make("span", { class: "tick", role: "img" }));
    const who = mine ? t("You:") : `${isolate(this.chat.other.username)}:`;
    const node = make("li", { "data-key": key }, make("span", { class: "unseen" }, who), make("div", { class: "bubble" }, text, meta));
    node.kind = `${mine ? "message--mine" : "message--theirs"}${isEmoji ? " message--emoji" : ""}${isRightToLeft(content) ? " message--rtl" : ""}`;
    if (!message.seq || message.seq > this.#wasLast) node.kind += " message--new";
    return node;
  }

  /** A message that the server cannot vouch for: what is wrong with it, and only then its text, as nobody's words. */
  #makeDoubtful({ key, message, mine }) {
    const time = make("time", { datetime: new Date(message.at).toISOString(), title: this.dates.full(message.at) }, this.dates.time(message.at));
    const text = make("div", { class: "bubble__text", dir: "auto" }, make("em", {}, problemOf(message)));
    if (message.content) text.append("\n", make("bdi", {}, message.content));
    const node = make("li", { "data-key": key }, make("div", { class: "bubble" }, text, make("div", { class: "bubble__meta" }, time)));
    node.kind = `${mine ? "message--mine" : "message--theirs"} message--doubtful`;
    return node;
  }

  #fill(node, { message, mine, first, last }) {
    const state = message.seq ? (mine ? this.store.tickOf(this.chat, message) : "") : message.state;
    const tick = state === "stored" ? "waiting" : state;
    const late = state === "waiting" && this.late(message);
    const seen = `${state} ${first} ${last} ${late} ${message.seq}`;
    if (node.seen === seen) return;
    node.seen = seen;
    if (message.seq) node.dataset.seq = message.seq;
    node.className = `message ${node.kind}${first ? " message--first" : ""}${last ? " message--last" : ""}${tick === "waiting" ? " message--waiting" : ""}${tick === "failed" ? " message--failed" : ""}`;
    const mark = find(".tick", node);
    if (mark && mark.dataset.is !== tick) {
      mark.dataset.is = tick;
      mark.className = `tick tick--${tick}`;
      mark.setAttribute("aria-label", this.words[tick]);
      mark.replaceChildren(icon(tick === "read" ? "delivered" : tick, TICK.box));
    }
    find(".message__act", node)?.remove();
    if (state === "failed" || late) node.append(this.#makeActions(message, state));
  }

  /** Whether a message waits so long that its writer may want it back. */
  late(message) {
    return Date.now() - message.at > PATIENCE;
  }

  #makeActions({ clientId, code }, state) {
    const act = (words, run) => make("button", { class: "link", type: "button", click: () => run(clientId) }, words);
    if (state !== "failed") return make("div", { class: "message__act" }, make("span", {}, t("Waiting to be sent")), act(t("Cancel"), this.cancel));
    return make("div", { class: "message__act" }, make("span", {}, reason(code)), act(t("Try again"), this.retry), act(t("Delete"), this.cancel));
  }
}
