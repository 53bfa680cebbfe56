// Which files were sent in the same month?

/**
 * Files in groups of the month, in the reader's zone, in the order in which they come.
 * @template {{ at: number }} T
 * @param {T[]} files
 */
export function monthsOf(files) {
  /** @type {{ month: string, files: T[] }[]} */
  const months = [];
  for (const file of files) {
    const date = new Date(file.at);
    const month = `${date.getFullYear()}-${date.getMonth() + 1}`;
    const last = months.at(-1);
    if (last?.month === month) last.files.push(file);
    else months.push({ month, files: [file] });
  }
  return months;
}
