// The messages of the open chat. Only a window of them is in the page, however many there are; what is in view stays
// where it is while others come and go around it.
import { find } from "./dom.js";
import { JumpButton } from "./jump_button.js";
import { MessageBubble } from "./message_bubble.js";
import { MessageFolds } from "./message_folds.js";
import { makeLine } from "./message_line.js";
import { MessageNodes } from "./message_nodes.js";
import { shownItems } from "./message_view.js";
import { MessageWindow, PAGE } from "./message_window.js";
import { ReadingPlaces } from "./reading_places.js";
import { heldSeq, holds, isFetched, runOf } from "./runs.js";
import { UnreadLine } from "./unread_line.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./message_items.js").Item} Item
 * @typedef {import("./message_items.js").Line} Line
 */

const NEAR = 700;

export class MessagesView {
  /** @type {Chat | null} */
  #chat = null;
  #isAtEnd = true;
  #window = new MessageWindow();
  #unread = new UnreadLine();
  #isSeeking = false;
  #isEmpty = false;
  #name = "";
  #lastSeen = 0;
  #frame = 0;
  #store;
  #dates;
  #history;
  #moved;
  #actions;
  #scroller = find(".scroller");
  #nodes = new MessageNodes(find(".messages"));
  #places = new ReadingPlaces(this.#scroller, this.#nodes);
  #folds = new MessageFolds(this.#scroller, find(".messages"), () => this.#look());
  #jump = new JumpButton(() => this.toEnd());

  /**
   * `history` fetches what is before, behind and around the held ones; `moved()` runs when the reader may have reached or
   * left the end; `actions` are for messages that are not sent.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./dates.js").Dates} parts.dates
   * @param {import("./history.js").History} parts.history
   * @param {() => void} parts.moved
   * @param {import("./message_bubble.js").Actions} parts.actions
   */
  constructor({ store, dates, history, moved, actions }) {
    this.#store = store;
    this.#dates = dates;
    this.#history = history;
    this.#moved = moved;
    this.#actions = actions;
    this.#scroller.addEventListener("scroll", () => this.#lookSoon(), { passive: true });
    new ResizeObserver(() => {
      this.#folds.show();
      if (this.#chat && this.#isAtEnd) this.#sink();
    }).observe(this.#scroller);
  }

  get chat() {
    return this.#chat;
  }

  /** @param {HTMLElement} node */
  itemOf(node) {
    const item = this.#nodes.itemOf(node);
    return item?.kind === "message" ? item : null;
  }

  /**
   * When a message was written, to the second.
   * @param {Item} item
   */
  exactTime({ message }) {
    return this.#dates.exact(message.at);
  }

  /** Whether the newest message is in view. */
  get isAtEnd() {
    return this.#isAtEnd && this.#scroller.clientHeight > 0;
  }

  /**
   * Show `chat` (or nothing): where the reader left off, else where they were, else at the end.
   * @param {Chat | null} chat
   */
  open(chat) {
    if (this.#chat && !this.#isAtEnd) this.#places.remember(this.#chat.id);
    this.#chat = chat;
    this.#nodes.clear();
    this.#folds.clear();
    this.unmark();
    this.#isSeeking = false;
    if (!chat) return;
    this.#name = chat.other.username;
    this.#isEmpty = !isFetched(chat);
    if (this.#isEmpty) this.#history.latest(chat);
    const place = this.#places.take(chat.id);
    this.#showEnd(chat);
    if (chat.unread) this.#unread.mark(chat, this.#store.myId);
    if (this.#unread.seq) this.#showLine(chat);
    else if (chat.unread && chat.more) this.#seek(chat);
    else if (place) {
      this.#showAround(chat, place.seq);
      this.#places.show(place);
    } else {
      this.#store.closePart(chat);
      this.#paint(chat);
      this.#sink();
    }
    this.#look();
  }

  /** Show what has changed. */
  render() {
    const chat = this.#chat;
    if (!chat || !this.#scroller.clientHeight) return;
    if (this.#isEmpty && isFetched(chat)) return void this.open(chat);
    if (this.#isEmpty) this.#history.latest(chat);
    if (this.#name !== chat.other.username) this.#nodes.clear();
    this.#name = chat.other.username;
    if (this.#isAtEnd && this.#window.isFollowing) {
      this.#window.trim(chat);
      this.#paint(chat);
      this.#sink();
    } else this.#paintAround(chat);
    this.#look();
  }

  toEnd() {
    this.#isSeeking = false;
    if (!this.#chat) return;
    this.#store.closePart(this.#chat);
    this.#showEnd(this.#chat);
    this.#paint(this.#chat);
    this.#sink();
    this.#look();
  }

  /**
   * Show a message in the middle, wherever it is in the chat, all of it with `expand`, and move the focus there; says
   * whether it could be had.
   * @param {number} seq
   * @param {{ expand?: boolean, focus?: boolean }} [options]
   */
  async jump(seq, { expand = false, focus = true } = {}) {
    const chat = this.#chat;
    if (!chat) return false;
    if (!holds(runOf(chat), seq)) {
      if (holds(chat, seq)) this.#store.closePart(chat);
      else await this.#history.around(chat, seq - 1);
    }
    if (this.#chat !== chat) this.#store.closePart(chat);
    if (this.#chat !== chat || !holds(runOf(chat), seq)) return false;
    this.#isSeeking = false;
    this.#showAround(chat, seq);
    const node = this.#nodes.find(`[data-seq="${seq}"]`);
    if (node && expand) this.#folds.expand(node);
    const isThere = this.#places.point(seq, focus);
    this.#look();
    return isThere;
  }

  /** Somebody has written while nobody looked: what comes from here on is new. */
  mark() {
    if (this.#chat) this.#unread.mark(this.#chat, this.#store.myId);
  }

  /** The reader has answered: nothing is new any more. */
  unmark() {
    this.#unread.clear();
  }

  /** @param {Chat} chat */
  #showEnd(chat) {
    this.#window.toEnd(chat);
    this.#isAtEnd = true;
    this.#lastSeen = heldSeq(chat);
  }

  /**
   * @param {Chat} chat
   * @param {number} seq
   */
  #showAround(chat, seq) {
    this.#window.around(chat, seq);
    this.#isAtEnd = false;
    this.#paint(chat);
  }

  /** @param {Chat} chat */
  #showLine(chat) {
    this.#showAround(chat, this.#unread.seq);
    const line = this.#nodes.find(".unread-line");
    if (line) this.#scroller.scrollTop = line.offsetTop - this.#scroller.clientHeight / 4;
  }

  /**
   * Where they left off is not here yet: begin at the top of what is until it has arrived.
   * @param {Chat} chat
   */
  async #seek(chat) {
    this.#isSeeking = true;
    this.#store.closePart(chat);
    this.#showAround(chat, chat.messages[0]?.seq ?? 1);
    this.#scroller.scrollTop = 0;
    await this.#history.around(chat, chat.readSeq);
    // Who has gone elsewhere meanwhile stays there.
    if (this.#chat !== chat || !this.#isSeeking) {
      if (this.#chat !== chat || this.#isAtEnd) this.#store.closePart(chat);
      return;
    }
    this.#isSeeking = false;
    this.#unread.find(chat, this.#store.myId);
    if (this.#unread.seq) this.#showLine(chat);
    this.#look();
  }

  #sink() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #lookSoon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#look();
    });
  }

  /** See where the reader is: tell of the end, and bring more where they come near an edge. */
  #look() {
    const chat = this.#chat;
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    if (!chat || !clientHeight) return;
    const below = scrollHeight - scrollTop - clientHeight;
    this.#isAtEnd = this.#window.isFollowing && below < 48 && !this.#isSeeking;
    this.#moved();
    this.#jump.render(!this.#isAtEnd, chat.unread);
    if (this.#isSeeking) return;
    if (below < NEAR && !this.#window.isFollowing) {
      if (this.#window.isAtEndOfPart(chat)) this.#history.newer(chat);
      else this.#move(PAGE);
    } else if (scrollTop < NEAR) {
      if (this.#window.hasOlder(chat)) this.#move(-PAGE);
      else if (runOf(chat).more) this.#history.older(chat);
    }
  }

  /** @param {number} by */
  #move(by) {
    if (this.#chat) this.#window.shift(this.#chat, by);
    this.render();
  }

  /**
   * Paint, and keep what is in view in its place.
   * @param {Chat} chat
   */
  #paintAround(chat) {
    this.#nodes.hold(this.#scroller, () => this.#paint(chat));
  }

  /** @param {Chat} chat */
  #paint(chat) {
    this.#unread.find(chat, this.#store.myId);
    const [store, dates, window] = [this.#store, this.#dates, this.#window];
    const items = shownItems(chat, { store, dates, window, unreadSeq: this.#unread.seq, isEmpty: this.#isEmpty });
    this.#nodes.show(items, (item) => this.#make(chat, item));
    this.#folds.show();
    this.#lastSeen = heldSeq(chat);
  }

  /**
   * @param {Chat} chat
   * @param {Item | Line} item
   */
  #make(chat, item) {
    const isNew = item.kind === "message" && (!item.message.seq || item.message.seq > this.#lastSeen);
    if (item.kind !== "message") return makeLine(item, chat);
    return new MessageBubble(item, { chat, dates: this.#dates, actions: this.#actions, isNew });
  }
}
