// The page as one sees it: builds its regions, shows what has changed, and knows whether somebody is reading.
import { Attachments } from "./attachments.js";
import { Banner } from "./banner.js";
import { toggleBlock } from "./blocking.js";
import { tickOf } from "./chat.js";
import { afterPaint, soon } from "./clock.js";
import { Composer } from "./composer.js";
import { ConversationHeader } from "./conversation_header.js";
import { makeDates, pageLocale } from "./dates.js";
import { Dialogs } from "./dialog_loader.js";
import { find, paintAvatar } from "./dom.js";
import { Drafts } from "./drafts.js";
import { addFileTools } from "./file_tools.js";
import { t } from "./i18n.js";
import { ListView } from "./list.js";
import { isNarrow, isTouch } from "./media.js";
import { Actions } from "./message_actions.js";
import { tickWords } from "./message_parts.js";
import { MessageTools } from "./message_tools.js";
import { MessagesView } from "./messages.js";
import { Notifier } from "./notifier.js";
import { entersSends } from "./preferences.js";
import { Sender } from "./sender.js";
import { sayStatus } from "./status.js";
import { theme } from "./theme.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 */

const LIST_SOON_MS = 100;

export class Page {
  #app = find("#app");
  #frame = 0;
  #store;
  #router;
  #connection;
  #outbox;
  #dates = makeDates(pageLocale());
  #drafts;
  #header;
  #messages;
  #messageActions;
  #sender;
  /** @type {MessagesView["jump"]} */
  jump = (seq, options) => this.#messages.jump(seq, options);

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./router.js").Router} parts.router
   * @param {import("./connection.js").Connection} parts.connection
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {import("./uploads.js").Uploads} parts.uploads
   * @param {import("./tabs.js").Tabs} parts.tabs
   * @param {import("./history.js").History} parts.history
   * @param {import("./new_chat.js").NewChat} parts.newChat
   * @param {object} events
   * @param {() => void} events.moved runs when the reader may have reached the end of a conversation
   * @param {() => void} events.retry tries the connection now
   */
  constructor({ store, router, connection, outbox, uploads, tabs, history, newChat }, { moved, retry }) {
    this.#store = store;
    this.#router = router;
    this.#connection = connection;
    this.#outbox = outbox;
    this.attachments = new Attachments({ uploads });
    this.#drafts = new Drafts(store);
    const dates = this.#dates;
    const { say } = this;
    /** @param {number} chatId */
    const open = (chatId) => this.go(chatId);
    const toggleBlock = () => this.#toggleBlock();
    /** @param {string} [name] */
    const showNewChat = (name) => this.dialogs.showNewChat(name);
    this.dialogs = new Dialogs({ start: (name) => newChat.start(name), open, toggleBlock, jump: this.#jumpTo });
    addFileTools({ router, dialogs: this.dialogs, say });
    this.list = new ListView({ store, dates, drafts: this.#drafts, open, start: showNewChat });
    this.#header = new ConversationHeader({ store, dates, newChat: () => showNewChat(), unblock: toggleBlock });
    const [composer, changed] = [() => this.composer, () => this.render()];
    this.#messageActions = new Actions({ store, outbox, tabs, router, dialogs: this.dialogs, composer, say, changed });
    this.#messages = new MessagesView({ store, dates, history, moved, actions: this.#actions });
    const { attachments } = this;
    const [messages, actions] = [this.#messages, this.#messageActions];
    this.#sender = new Sender({ router, outbox, tabs, connection, attachments, messages, actions, sent: changed });
    this.composer = this.#makeComposer();
    new MessageTools({
      messages: this.#messages,
      show: (item, node) => this.#showMenu(item, node),
      run: (action, { message }) => this.#messageActions.run(action, message),
    });
    this.notifier = new Notifier({ store, open, isLeader: () => tabs.isLeader });
    this.banner = new Banner({ state: () => connection.state, retry, changed: () => this.render() });
    find("#new-chat").addEventListener("click", () => showNewChat());
    find("#back").addEventListener("click", () => router.back());
    find("#person").addEventListener("click", () => {
      if (router.chat) this.dialogs.showPerson(router.chat, this.#header.stateOf(router.chat));
    });
    store.onChange(() => this.render());
    setInterval(() => this.render(), 30_000);
  }

  /** @type {(chatId: number, seq: number) => void} show a message, in whatever chat */
  #jumpTo = (chatId, seq) => {
    if (this.#router.openId !== chatId) this.go(chatId);
    this.#actions.jump(seq);
  };

  #actions = {
    /** @param {string} clientId */
    retry: (clientId) => {
      this.#outbox.retry(clientId);
      this.composer.focus();
    },
    /** @param {string} clientId */
    cancel: (clientId) => {
      this.say(this.#outbox.cancel(clientId) ? t("It may have been sent already.") : t("Taken back"));
      this.composer.focus();
    },
    uploadOf: (/** @type {string} */ clientId) => this.attachments.uploadOf(clientId),
    /** @type {(message: Message, emoji: string | null) => void} */
    react: (message, emoji) => this.#messageActions.react(message, emoji),
    /** @param {Message} message */
    editAgain: (message) => {
      if (message.change) this.#outbox.cancel(message.change.clientId);
      this.#messageActions.edit({ ...message, change: undefined }, message.change?.text);
    },
    /** @param {number} seq */
    jump: async (seq) => {
      if (!(await this.#messages.jump(seq))) this.say(t("This message cannot be shown right now."));
    },
  };

  /** @type {(item: import("./message_items.js").Item, node: HTMLElement) => void} */
  #showMenu({ message, isMine }, node) {
    const chat = this.#router.chat;
    if (!chat) return;
    const state = isMine && message.seq ? ` · ${tickWords(tickOf(chat, message))}` : "";
    const when = `${this.#dates.full(message.at)}${state}`;
    this.dialogs.showMenu({ chat, message, myId: this.#store.myId, node, when }, this.#messageActions);
  }

  #makeComposer() {
    return new Composer({
      send: (text) => this.#sender.send(text),
      typing: (chatId, typing) => this.#connection.send({ type: "typing", chat_id: chatId, typing }),
      save: (chatId, draft) => {
        if (this.#drafts.set(chatId, draft)) this.render();
      },
      entersSends,
      stop: () => this.#messageActions.stop(),
      editLast: () => this.#messageActions.editLast(),
      files: this.attachments,
    });
  }

  /** @param {import("./upload_entry.js").Prepared} file */
  sendFile = (file) => this.#sender.sendFile(file);

  /** Show what has changed, with the next frame of the screen. */
  render() {
    if (document.hidden) this.notifier.render(this.#router.chat);
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  #show() {
    // What a frame was to show is shown now.
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { chat, openId } = this.#router;
    this.#showList(openId);
    this.#header.render(chat, this.#connection.state === "open" || !this.banner.isShown);
    if (this.#messages.chat === chat) this.#messages.render();
    else {
      this.#messageActions.leave();
      this.#messages.open(chat);
      this.attachments.open(chat?.id ?? 0);
      this.composer.open(chat?.id ?? 0, chat ? this.#drafts.get(chat.id) : "");
      this.#messageActions.resume(chat);
    }
    this.notifier.render(chat);
  }

  /** @param {number} openId where a narrow screen hides the list behind the conversation, that does not wait for it */
  #showList(openId) {
    if (openId && isNarrow()) this.#showListSoon();
    else this.list.render(openId);
  }

  #showListSoon = soon(LIST_SOON_MS, () => this.list.render(this.#router.openId));

  /**
   * Another chat is open than `before`, or the same one is known now.
   * @param {number} before
   */
  show(before) {
    const { openId } = this.#router;
    this.#app.dataset.pane = openId ? "talk" : "list";
    if (before) this.#app.dataset.moved = "yes";
    this.#show();
    if (before && !openId && isNarrow()) this.list.focusRow(before);
  }

  /**
   * Open the chat that somebody has chosen, and let them write.
   * @param {number} chatId
   */
  go(chatId) {
    this.#router.go(chatId);
    if (isTouch()) this.#header.focus();
    else this.composer.focus();
  }

  /** The first answers are here: who it is, and where they left off. */
  begin() {
    if (this.#store.me) paintAvatar(find("#account .avatar"), this.#store.me);
    this.#router.resume();
    // The first format and opening the browser's storage take a slow phone 100 ms each: the conversation is shown before.
    afterPaint(() => {
      this.#showDates();
      this.#takeKept();
    });
  }

  #showDates() {
    this.#dates.prepare();
    this.render();
  }

  /** Take what is kept in this browser, and hear from now on of what other tabs keep. */
  #takeKept() {
    this.#drafts.open();
    this.reappear();
    if (this.#router.openId && !isTouch() && document.activeElement === document.body) this.composer.focus();
    this.#drafts.onChangeElsewhere((chatId, text) => {
      this.composer.take(chatId, text);
      this.render();
    });
    theme.watch();
  }

  /** The page is to be seen again: another tab may have changed the draft. */
  reappear() {
    const { openId } = this.#router;
    this.composer.take(openId, this.#drafts.get(openId));
    this.render();
  }

  /**
   * Whether the newest message of a chat is before somebody's eyes.
   * @param {Chat | null} chat
   */
  isReading(chat) {
    const isWatched = !document.hidden && document.hasFocus();
    return isWatched && chat !== null && chat === this.#messages.chat && this.#messages.isAtEnd;
  }

  /**
   * Tell of a new message of somebody else.
   * @param {Chat} chat
   * @param {Message} message
   */
  announce(chat, message) {
    const isOpen = chat === this.#router.chat;
    const isSeen = isOpen && this.isReading(chat);
    if (isOpen && !isSeen) this.#messages.mark();
    this.notifier.notify(chat, message, { isOpen, isSeen });
  }

  /**
   * A chat has changed elsewhere: show it in a dialog that is open, too.
   * @param {number} chatId
   */
  updatePerson(chatId) {
    const { chat } = this.#router;
    if (chat?.id === chatId) this.dialogs.updatePerson(chat, this.#header.stateOf(chat));
  }

  /** @param {string} words */
  say(words) {
    sayStatus(words);
  }

  async #toggleBlock() {
    const { chat } = this.#router;
    if (!chat) return;
    await toggleBlock(chat, { store: this.#store, dialogs: this.dialogs, say: this.say });
    this.render();
  }
}
