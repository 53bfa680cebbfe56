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
 * @typedef {import("./media_pages.js").MediaPages} MediaPages
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
  /** @type {import("./lightbox.js").Lightbox | null} */
  #lightbox = null;
  /** @type {import("./media_panel.js").MediaPanel | null} */
  #media = null;
  /** @type {Promise<Loaded> | null} */
  #loading = null;

  /**
   * @param {object} parts
   * @param {(name: string) => Promise<number>} parts.start starts a chat; resolves to its id
   * @param {(chatId: number) => void} parts.open
   * @param {() => void} parts.toggleBlock
   * @param {(chatId: number, seq: number) => void} parts.jump shows a message in its chat
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

  /**
   * Show a picture or a film of a chat, and those before and behind it: of `pages`, else from what is read in the chat on.
   * @param {Chat} chat
   * @param {number} id of the file
   * @param {MediaPages} [pages]
   */
  async showPicture(chat, id, pages) {
    const [{ Lightbox }] = await Promise.all([import("./lightbox.js"), this.load()]);
    this.#lightbox ??= new Lightbox(this.#parts.jump);
    this.#lightbox.show(chat, id, pages);
  }

  /**
   * Show all files of a chat.
   * @param {Chat} chat
   */
  async showMedia(chat) {
    const [{ MediaPanel }] = await Promise.all([import("./media_panel.js"), this.load()]);
    this.#media ??= new MediaPanel((...shown) => this.showPicture(...shown));
    this.#media.show(chat);
  }

  /** @param {{ title: string, words: string, yes: string }} question */
  async confirmed(question) {
    return (await this.load()).confirmed(question);
  }
}
