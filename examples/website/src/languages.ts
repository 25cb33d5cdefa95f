/** The languages that the site speaks; the first one greets a visitor who asks for none of them. */
export const LANGUAGES = ["fr", "en"] as const;

/** One of the languages that the site speaks. */
export type Language = (typeof LANGUAGES)[number];

/** Whether a word, for example from an address, is a language of the site. */
export function isLanguage(word: string): word is Language {
  return LANGUAGES.some((language) => language === word);
}
