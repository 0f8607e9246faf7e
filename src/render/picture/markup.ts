export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with what is within it, which is markup already. Numbers are rounded to a tenth of a pixel. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? tenth(value) : escapeText(value ?? '')}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

/** What is shown while the pointer is over the element that it is put into. */
export function hover(text: string): string {
  return `<title>${escapeText(text)}</title>`;
}

/** Text as it may stand between tags and in attributes, of HTML and of XML: no markup, nothing invisible. */
export function escapeText(text: string): string {
  return text.replace(NO_TEXT, '\u{fffd}').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Shortened to so many characters, with an ellipsis where something is missing. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join('')}…`;
}

/** About how wide a text will be, in pixels; fonts differ, so it is rather too much than too little. */
export function widthOf(text: string, fontSize: number): number {
  return [...text].length * fontSize * CHARACTER_WIDTH;
}

/** How many characters fit into so many pixels. */
export function fitting(pixels: number, fontSize: number): number {
  return Math.floor(pixels / (fontSize * CHARACTER_WIDTH));
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

const CHARACTER_WIDTH = 0.58;

/** Control characters and halves of characters, which XML forbids, and those that turn the direction of the rest. */
const NO_TEXT = /[^\P{Cc}\t\n\r]|\p{Cs}|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
