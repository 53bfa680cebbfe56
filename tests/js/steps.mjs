// The history of a browser's tab, which goes back at once.
export class Steps {
  at = 0;
  entries = [null];
  listeners = [];

  get state() {
    return this.entries[this.at];
  }

  pushState(state) {
    this.at += 1;
    this.entries.length = this.at;
    this.entries.push(state);
  }

  back() {
    this.at -= 1;
    for (const listener of this.listeners) listener();
  }
}
