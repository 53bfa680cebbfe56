// The frame of the open conversation: who it is, what they do, and what stands there when none is open.
import { find, paintAvatar, setText, setTyped } from "./dom.js";
import { isolate, t } from "./i18n.js";

export class TalkView {
  /** `newChat()` asks for a name; `unblock()` takes the block of the open chat back. */
  constructor({ store, dates, newChat, unblock }) {
    Object.assign(this, { store, dates });
    this.talk = find("#talk");
    this.top = find(".talk__top");
    this.avatar = find(".avatar", this.top);
    this.name = find("bdi", this.top);
    this.state = find(".talk__state");
    this.nothing = find("#nothing");
    this.composer = find(".composer");
    this.closed = find(".closed");
    this.parts = [this.top, find(".scroller"), find(".foot")];
    find("button", this.nothing).addEventListener("click", newChat);
    find("button", this.closed).addEventListener("click", unblock);
  }

  /** Show `chat`, or where none is open the reason. `connected` says whether presence can be known. */
  render(chat, connected) {
    for (const part of this.parts) part.hidden = !chat;
    this.nothing.hidden = Boolean(chat);
    if (!chat) {
      this.#renderNothing(connected);
      return;
    }
    paintAvatar(this.avatar, chat.other);
    setTyped(this.name, chat.other.username);
    this.name.parentNode.title = chat.other.username;
    setText(this.state, connected ? this.stateOf(chat) : "");
    this.#renderClosed(chat);
    this.state.classList.toggle("talk__state--busy", chat.typing);
    const label = t("Conversation with %(name)s", { name: isolate(chat.other.username) });
    if (this.talk.getAttribute("aria-label") !== label) this.talk.setAttribute("aria-label", label);
  }

  /** What the other person does, in words. */
  stateOf(chat) {
    if (chat.other.deleted) return t("This account has been deleted. The conversation stays.");
    if (chat.blocked) return t("You have blocked this person.");
    if (chat.typing) return t("typing…");
    if (!this.store.isReachable) return "";
    if (this.store.isOnline(chat.other.id)) return t("online");
    const person = this.store.people.get(chat.other.id);
    return person?.lastSeen ? this.dates.lastSeen(person.lastSeen) : "";
  }

  /** Where nobody can write any more, a sentence stands in the place of the composer and says why. */
  #renderClosed({ blocked, other }) {
    const isClosed = blocked || other.deleted;
    if (isClosed) {
      setText(this.closed.firstElementChild, other.deleted
        ? t("This account was deleted. You can still read the chat.")
        : t("You have blocked %(name)s. Neither of you can write here.", { name: isolate(other.username) }));
      find("button", this.closed).hidden = other.deleted;
    }
    if (this.closed.hidden === !isClosed) return;
    // What has the focus goes away: it stays in this place.
    const [from, to] = isClosed ? [this.composer, this.closed] : [this.closed, this.composer];
    const hadFocus = from.contains(document.activeElement);
    from.hidden = true;
    to.hidden = false;
    if (hadFocus) (find("textarea, button:not([hidden])", to) ?? this.talk).focus({ preventScroll: true });
  }

  #renderNothing(connected) {
    const { loaded, chats } = this.store;
    const [title, words] = this.nothing.querySelectorAll("h2, p");
    const empty = loaded && !chats.size;
    this.nothing.querySelector("button").hidden = !empty;
    if (empty) {
      setText(title, t("Nobody to talk to yet"));
      setText(words, t("Start a chat with somebody you know: all you need is the name that they registered with."));
    } else if (loaded) {
      setText(title, t("Choose a chat"));
      setText(words, t("Pick one at the left, or find one by name with Ctrl+K."));
    } else {
      setText(title, connected === false ? t("Your chats cannot be fetched right now") : "");
      setText(words, connected === false ? t("They appear by themselves when the server answers.") : "");
    }
  }
}
