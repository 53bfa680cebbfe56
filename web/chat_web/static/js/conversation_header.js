// The frame of the open conversation: who it is, what they do, and what stands there when none is open.
import { find, paintAvatar, setText, setTyped } from "./dom.js";
import { isolate, t } from "./i18n.js";
import { timeWords } from "./keep_words.js";

/** @typedef {import("./chat.js").Chat} Chat */

export class ConversationHeader {
  #store;
  #dates;
  #region = find("#talk");
  #top = find(".talk__top");
  #state = find(".talk__state");
  #keep = find(".talk__keep");
  #nothing = find("#nothing");
  #composer = find(".composer");
  #closed = find(".closed");
  #parts = [this.#top, find(".scroller"), find(".foot")];

  /**
   * `newChat()` asks for a name; `unblock()` takes the block of the open chat back.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./dates.js").Dates} parts.dates
   * @param {() => void} parts.newChat
   * @param {() => void} parts.unblock
   */
  constructor({ store, dates, newChat, unblock }) {
    this.#store = store;
    this.#dates = dates;
    find("button", this.#nothing).addEventListener("click", newChat);
    find("button", this.#closed).addEventListener("click", unblock);
  }

  focus() {
    this.#region.focus({ preventScroll: true });
  }

  /**
   * Show `chat`, or where none is open the reason. `isConnected` says whether presence can be known.
   * @param {Chat | null} chat
   * @param {boolean} isConnected
   */
  render(chat, isConnected) {
    for (const part of this.#parts) part.hidden = !chat;
    this.#nothing.hidden = Boolean(chat);
    if (!chat) {
      this.#renderNothing(isConnected);
      return;
    }
    const name = find("bdi", this.#top);
    paintAvatar(find(".avatar", this.#top), chat.other);
    setTyped(name, chat.other.username);
    find(".talk__name").title = find("#person").title = chat.other.username;
    setText(this.#state, isConnected ? this.stateOf(chat) : "");
    this.#keep.hidden = chat.keepSeconds === null;
    if (chat.keepSeconds !== null) setText(find("bdi", this.#keep), timeWords(chat.keepSeconds));
    this.#renderClosed(chat);
    const label = t("Chat with %(name)s", { name: isolate(chat.other.username) });
    if (this.#region.getAttribute("aria-label") !== label) this.#region.setAttribute("aria-label", label);
  }

  /**
   * Whether the other person is there, in words. That they are typing is said in the conversation.
   * @param {Chat} chat
   */
  stateOf(chat) {
    if (chat.other.deleted) return t("This account was deleted.");
    if (chat.blocked) return t("You have blocked this person.");
    if (!this.#store.isReachable) return "";
    if (this.#store.isOnline(chat.other.id)) return t("online");
    const lastSeen = this.#store.people.get(chat.other.id)?.lastSeen;
    return lastSeen ? this.#dates.lastSeen(lastSeen) : "";
  }

  /**
   * Where nobody can write any more, a sentence stands in the place of the composer and says why.
   * @param {Chat} chat
   */
  #renderClosed({ blocked, other }) {
    const isClosed = blocked || other.deleted;
    if (isClosed) {
      const words = other.deleted
        ? t("This account was deleted. You can still read the chat.")
        : t("You blocked %(name)s. Neither of you can write here.", { name: isolate(other.username) });
      setText(find("p", this.#closed), words);
      find("button", this.#closed).hidden = other.deleted;
    }
    if (this.#closed.hidden === !isClosed) return;
    // What has the focus goes away: it stays in this place.
    const [from, to] = isClosed ? [this.#composer, this.#closed] : [this.#closed, this.#composer];
    const hadFocus = from.contains(document.activeElement);
    from.hidden = true;
    to.hidden = false;
    const next = /** @type {HTMLElement | null} */ (to.querySelector(".composer__field, .button:not([hidden])"));
    if (hadFocus) (next ?? this.#region).focus({ preventScroll: true });
  }

  /** @param {boolean} isConnected */
  #renderNothing(isConnected) {
    const isEmpty = this.#store.isLoaded && !this.#store.chats.size;
    find("button", this.#nothing).hidden = !isEmpty;
    const [title, words] = this.#wordsOfNothing(isEmpty, isConnected);
    setText(find("h2", this.#nothing), title);
    setText(find("p", this.#nothing), words);
  }

  /**
   * @param {boolean} isEmpty
   * @param {boolean} isConnected
   */
  #wordsOfNothing(isEmpty, isConnected) {
    if (isEmpty) {
      return [
        t("Nobody to talk to yet"),
        t("Start a chat with somebody you know. All you need is the name they registered with."),
      ];
    }
    if (this.#store.isLoaded) {
      return [t("Choose a chat"), t("Pick one from the list, or find one by name with Ctrl+K.")];
    }
    if (isConnected) return ["", ""];
    return [t("Your chats cannot be loaded right now"), t("They will appear as soon as the server answers.")];
  }
}
