// What is told live of chats that the list has not got to yet: it is there when they are.
import { holdChange } from "./message_changes.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 */

export class Early {
  /** @type {Map<number, { messages: Message[], floor: number }>} */
  #told = new Map();

  /** @param {number} chatId */
  #of(chatId) {
    const told = this.#told.get(chatId) ?? { messages: [], floor: 0 };
    this.#told.set(chatId, told);
    return told;
  }

  /**
   * @param {number} chatId
   * @param {Message[]} messages
   */
  add(chatId, messages) {
    this.#of(chatId).messages.push(...messages);
  }

  /**
   * Messages up to `floor` are gone.
   * @param {number} chatId
   * @param {number} floor
   */
  raiseFloor(chatId, floor) {
    const told = this.#of(chatId);
    told.floor = Math.max(told.floor, floor);
  }

  /**
   * Give a chat that has just become known what was told of it: it waits there, as behind a hole, for its first page.
   * @param {Chat} chat
   */
  give(chat) {
    const { messages, floor } = this.#told.get(chat.id) ?? { messages: [], floor: 0 };
    this.#told.delete(chat.id);
    chat.floor = Math.max(chat.floor, floor);
    for (const message of messages) {
      const known = chat.ahead.get(message.seq);
      if (message.seq > chat.floor && !(known && known.changeSeq >= message.changeSeq)) {
        chat.ahead.set(message.seq, message);
      }
      if (message.changeSeq) holdChange(chat, message.changeSeq);
    }
  }

  clear() {
    this.#told.clear();
  }
}
