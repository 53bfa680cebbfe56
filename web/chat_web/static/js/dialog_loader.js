// Loads the dialogs a little later: nobody needs them in the first second, and the conversation is there sooner.
import { make } from "./dom.js";
import { placeBeside } from "./placing.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {typeof import("./dialogs.js")} Modules
 * @typedef {object} Loaded
 * @property {Modules["confirmed"]} confirmed
 * @property {InstanceType<Modules["NewChatDialog"]>} newChat
 * @property {InstanceType<Modules["PersonDialog"]>} person
 * @property {typeof import("./message_menu.js").MessageMenu} MessageMenu
 */

const loadStyle = () =>
  new Promise((resolve) => {
    const href = document.body.dataset.dialogs;
    document.head.append(make("link", { rel: "stylesheet", href, load: resolve, error: resolve }));
  });

export class Dialogs {
  #parts;
  /** @type {import("./message_menu.js").MessageMenu | null} */
  #menu = null;
  /** @type {Promise<import("./emoji_picker.js").EmojiPicker> | null} */
  #emoji = null;
  /** @type {import("./selection.js").Selection | null} */
  #selection = null;
  /** @type {Promise<Loaded> | null} */
  #loading = null;

  /**
   * @param {object} parts
   * @param {(name: string) => Promise<number>} parts.start starts a chat; resolves to its id
   * @param {(chatId: number) => void} parts.open
   * @param {() => void} parts.toggleBlock
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Load them, once; a failure is forgotten, so that the next one who needs them tries again. */
  load() {
    this.#loading ??= this.#load().catch((failure) => {
      this.#loading = null;
      throw failure;
    });
    return this.#loading;
  }

  /** @returns {Promise<Loaded>} */
  async #load() {
    const [dialogs, { MessageMenu }] = await Promise.all([
      import("./dialogs.js"),
      import("./message_menu.js"),
      loadStyle(),
    ]);
    const { start, open, toggleBlock } = this.#parts;
    return {
      confirmed: dialogs.confirmed,
      MessageMenu,
      newChat: new dialogs.NewChatDialog({ start, open }),
      person: new dialogs.PersonDialog({ toggleBlock }),
    };
  }

  /** @param {string} [name] */
  async showNewChat(name) {
    (await this.load()).newChat.show(name);
  }

  /**
   * @param {Chat} chat
   * @param {string} state
   */
  async showPerson(chat, state) {
    (await this.load()).person.show(chat, state);
  }

  /**
   * Show what has changed of a person whose dialog is open.
   * @param {Chat} chat
   * @param {string} state
   */
  async updatePerson(chat, state) {
    if (document.querySelector("#person-dialog[open]")) (await this.load()).person.fill(chat, state);
  }

  /**
   * Show the menu of a message.
   * @param {Parameters<import("./message_menu.js").MessageMenu["show"]>[0]} shown
   * @param {import("./message_actions.js").Actions} actions
   */
  async showMenu(shown, actions) {
    const { MessageMenu } = await this.load();
    this.#menu ??= new MessageMenu({ actions, place: placeBeside });
    this.#menu.show(shown);
  }

  /**
   * Let somebody choose an emoji. Rejects where it cannot be loaded now.
   * @param {import("./emoji_picker.js").Wish} wish
   */
  async showEmoji(wish) {
    await this.load();
    this.#emoji ??= import("./emoji_picker.js").then(({ makeEmojiPicker }) => makeEmojiPicker(placeBeside));
    this.#emoji.catch(() => {
      this.#emoji = null;
    });
    (await this.#emoji).show(wish);
  }

  /**
   * Begin to select messages with the one of this number.
   * @param {number} seq
   * @param {import("./selection.js").Parts} parts
   */
  async showSelection(seq, parts) {
    const [{ Selection }] = await Promise.all([import("./selection.js"), this.load()]);
    this.#selection ??= new Selection(parts);
    this.#selection.start(seq);
  }

  /** @param {{ title: string, words: string, yes: string }} question */
  async confirmed(question) {
    return (await this.load()).confirmed(question);
  }
}
