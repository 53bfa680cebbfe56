// The frame of the open conversation: who it is, what they do, and what stands there when none is open.
import { find, paintAvatar, setText } from "./dom.js";
import { isolate, t } from "./i18n.js";

export class TalkView {
  constructor({ store, dates, newChat }) {
    Object.assign(this, { store, dates });
    this.talk = find("#talk");
    this.top = find(".talk__top");
    this.avatar = find(".avatar", this.top);
    this.name = find("bdi", this.top);
    this.state = find(".talk__state");
    this.nothing = find("#nothing");
    this.parts = [this.top, find(".scroller"), find(".composer")];
    find("button", this.nothing).addEventListener("click", newChat);
  }

  /** Show `chat`, or where none is open the reason. `connected` says whether presence can be known. */
  render(chat, connected) {
    for (const part of this.parts) part.hidden = !chat;
    this.nothing.hidden = Boolean(chat);
    if (!chat) {
      this.#renderNothing(connected);
      return;
    }
    if (this.avatar.dataset.of !== chat.other.username) this.avatar.replaceChildren();
    paintAvatar(this.avatar, chat.other);
    setText(this.name, chat.other.username);
    setText(this.state, connected ? this.stateOf(chat) : "");
    this.state.classList.toggle("talk__state--busy", chat.typing);
    const label = t("Conversation with %(name)s", { name: isolate(chat.other.username) });
    if (this.talk.getAttribute("aria-label") !== label) this.talk.setAttribute("aria-label", label);
  }

  /** What the other person does, in words. */
  stateOf(chat) {
    if (chat.other.deleted) return t("This account has been deleted. The conversation stays.");
    if (chat.blocked) return t("You have blocked this person.");
    if (chat.typing) return t("typing…");
    const person = this.store.people.get(chat.other.id);
    if (person?.online) return t("online");
    return person?.lastSeen ? this.dates.lastSeen(person.lastSeen) : "";
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
