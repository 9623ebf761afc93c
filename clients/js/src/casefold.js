// Full case folding (CaseFolding.txt, C and F), from what JavaScript has.

/** Small letters of what has a capital one, one code point at a time (a final sigma is a sigma). Cherokee folds
 * to its capitals, the dotless i stays, and the capital sharp s is written out. */
function foldOne(character) {
  const code = character.codePointAt(0)
  if ((code >= 0x13a0 && code <= 0x13f5) || code === 0x131) return character
  if ((code >= 0x13f8 && code <= 0x13fd) || (code >= 0xab70 && code <= 0xabbf)) return character.toUpperCase()
  return code === 0x1e9e ? 'ss' : character.toUpperCase().toLowerCase()
}

export const casefold = text => Array.from(text, foldOne).join('')
