/*  words.js - what the page says, in English and in Russian

    A text may hold {name}; a list of texts is chosen from by the number n, after the language's plural rules (in
    English one and other, in Russian one, few and many). Pure.  */

const EN = {
  title: "Chat", rooms: "Rooms", people: "Direct messages", here: "Here now", messages: "Messages",
  newRoom: "Go to a room", roomName: "Name of the room", newPerson: "Write to somebody",
  goTo: "Find a room or a person", search: "Search", searchIn: "Search messages", searchHelp: "Words; from:name, in:room, after:2026-01-31, has:link",
  noHits: "Nothing was found.", more: "More", behind: "{n} messages are not in the index yet.", partial: "The search took too long; this is part of it.",
  keys: "Keys", close: "Close", menu: "Rooms and people", whoToggle: "Who is here",
  say: "Message to {room}", tell: "Message to {user}", send: "Send", reply: "Reply", edit: "Edit", react: "React", remove: "Remove",
  replyingTo: "Reply to {user}: {text}", editing: "You change your message", cancel: "Cancel", mine: "you",
  removed: "This message was removed.", edited: "edited", sealed: "A sealed message: only the terminal client can open it.",
  sending: "sending", stored: "on disk", failed: "not sent", retry: "Try again", discard: "Discard",
  connecting: "Connecting…", live: "Connected", lost: "The connection is lost. Trying again…", brokerLost: "The chat cannot be reached. Trying again…",
  beginning: "This is where it begins.", gone: "What was said before is no longer kept.", loading: "Loading…", newBelow: "To the newest",
  unreadLine: "New", unread: ["{n} unread", "{n} unread"], mentionsYou: "mentions you", members: ["{n} here", "{n} here"],
  guest: "You read as a guest.", guestsNot: "This chat wants a token to read.", signIn: "Sign in", signOut: "Sign out", token: "Token",
  signInHelp: "Who runs this chat gives you a name and a token. The token is kept until this tab is closed.",
  name: "Name", badToken: "This token is not right.", signedInAs: "Signed in as {user}", optional: "if you have one",
  topic: "{user} set the topic: {text}", topicCleared: "{user} cleared the topic", invited: "{user} invites you to {room}", away: "away: {text}",
  did: { op: "{user} made {who} an operator", deop: "{user} took operator from {who}", ban: "{user} banned {who}", unban: "{user} unbanned {who}",
    mute: "{user} muted {who}", unmute: "{user} unmuted {who}", kick: "{user} put {who} out", lock: "{user} locked the topic", unlock: "{user} unlocked the topic",
    close: "{user} closed the room", open: "{user} opened the room", invite: "{user} invited {who}", create: "{user} made this room" },
  mode: "{user} changed the room: {set}", reason: "({text})", reactWith: "React with {text}", reactions: "Reactions", reactionText: "An emoji or a word",
  reactedBy: "{text}: {users}", andMore: ["and {n} more", "and {n} more"],
  newMessage: "{user}: {text}", notHere: "a message that is not here", nobodyHere: "Nobody is here.",
  confirmRemove: "Remove this message for everybody?", replaced: "The chat began a new log: what you saw before is gone.",
  private: "private", skip: "To the message field", today: "Today", yesterday: "Yesterday", linkNew: "opens in a new tab",
  keyList: {
    "Enter": "send", "Shift+Enter": "new line", "↑": "in an empty field: change your last message", "Esc": "cancel; back to the message field",
    "Alt+↑ Alt+↓": "previous, next conversation", "Alt+Shift+↓": "next unread conversation", "Ctrl+K": "find a room or a person", "Ctrl+/": "this list",
    "F6 Shift+F6": "next, previous part of the page", "/": "search (outside of a field)",
    "↑ ↓ Home End": "among messages: previous, next, first, last", "R E + Delete": "on a message: reply, edit, react, remove", "J": "on a reply: to what it answers",
  },
  errors: {
    name: "This name is not allowed.", taken: "This name is somebody else's.", hello: "The connection was lost; try again.", guest: "Guests only read: sign in to speak.",
    limit: "This is over a limit of the chat.", slow: "Too much in too short a time; wait a moment.", storage: "The chat cannot write to its disk now.",
    closing: "The chat is stopping.", private: "This room is private.", proof: "This wants a name of your own, with a token.", token: "This token is not right.",
    operator: "Only operators may do this, or who wrote it.", banned: "You are not let in here.", muted: "You are muted in this room.", closed: "This room is closed.",
    nobody: "There is nothing and nobody of this name.", gap: "Whether this was sent before, nobody can tell: look before you send it again.", network: "The chat cannot be reached.",
  },
};

const RU = {
  title: "Чат", rooms: "Комнаты", people: "Личные сообщения", here: "Сейчас здесь", messages: "Сообщения",
  newRoom: "Перейти в комнату", roomName: "Имя комнаты", newPerson: "Написать человеку",
  goTo: "Найти комнату или человека", search: "Поиск", searchIn: "Поиск по сообщениям", searchHelp: "Слова; from:имя, in:комната, after:2026-01-31, has:link",
  noHits: "Ничего не найдено.", more: "Ещё", behind: "Ещё не проиндексировано сообщений: {n}.", partial: "Поиск шёл слишком долго, это лишь часть.",
  keys: "Клавиши", close: "Закрыть", menu: "Комнаты и люди", whoToggle: "Кто здесь",
  say: "Сообщение в {room}", tell: "Сообщение для {user}", send: "Отправить", reply: "Ответить", edit: "Изменить", react: "Реакция", remove: "Удалить",
  replyingTo: "Ответ для {user}: {text}", editing: "Вы изменяете своё сообщение", cancel: "Отмена", mine: "вы",
  removed: "Сообщение удалено.", edited: "изменено", sealed: "Запечатанное сообщение: его откроет только программа для терминала.",
  sending: "отправляется", stored: "на диске", failed: "не отправлено", retry: "Повторить", discard: "Убрать",
  connecting: "Соединение…", live: "На связи", lost: "Связь потеряна. Пробуем снова…", brokerLost: "Чат недоступен. Пробуем снова…",
  beginning: "Здесь всё начинается.", gone: "Сказанное раньше больше не хранится.", loading: "Загрузка…", newBelow: "К новым",
  unreadLine: "Новое", unread: ["{n} непрочитанное", "{n} непрочитанных", "{n} непрочитанных"], mentionsYou: "вас упомянули", members: ["{n} здесь", "{n} здесь", "{n} здесь"],
  guest: "Вы читаете как гость.", guestsNot: "Чтобы читать этот чат, нужен токен.", signIn: "Войти", signOut: "Выйти", token: "Токен",
  signInHelp: "Имя и токен даёт тот, кто ведёт этот чат. Токен хранится, пока открыта вкладка.",
  name: "Имя", badToken: "Токен не подходит.", signedInAs: "Вы вошли как {user}", optional: "если он есть",
  topic: "{user}: новая тема – {text}", topicCleared: "{user} убирает тему", invited: "{user} приглашает вас в {room}", away: "нет на месте: {text}",
  did: { op: "{user}: {who} теперь оператор", deop: "{user}: {who} больше не оператор", ban: "{user} закрывает вход для {who}", unban: "{user} снова впускает {who}",
    mute: "{user} лишает голоса {who}", unmute: "{user} возвращает голос {who}", kick: "{user} выводит {who}", lock: "{user} закрепляет тему", unlock: "{user} открепляет тему",
    close: "{user} закрывает комнату", open: "{user} открывает комнату", invite: "{user} приглашает {who}", create: "{user} создаёт комнату" },
  mode: "{user} меняет комнату: {set}", reason: "({text})", reactWith: "Реакция {text}", reactions: "Реакции", reactionText: "Эмодзи или слово",
  reactedBy: "{text}: {users}", andMore: ["и ещё {n}", "и ещё {n}", "и ещё {n}"],
  newMessage: "{user}: {text}", notHere: "сообщение не на странице", nobodyHere: "Здесь никого нет.",
  confirmRemove: "Удалить это сообщение для всех?", replaced: "Чат начал новый журнал: того, что было раньше, больше нет.",
  private: "закрытая", skip: "К полю сообщения", today: "Сегодня", yesterday: "Вчера", linkNew: "откроется в новой вкладке",
  keyList: {
    "Enter": "отправить", "Shift+Enter": "новая строка", "↑": "в пустом поле: изменить последнее своё сообщение", "Esc": "отменить; назад к полю сообщения",
    "Alt+↑ Alt+↓": "предыдущая, следующая беседа", "Alt+Shift+↓": "следующая непрочитанная беседа", "Ctrl+K": "найти комнату или человека", "Ctrl+/": "этот список",
    "F6 Shift+F6": "следующая, предыдущая часть страницы", "/": "поиск (вне поля ввода)",
    "↑ ↓ Home End": "среди сообщений: предыдущее, следующее, первое, последнее", "R E + Delete": "на сообщении: ответить, изменить, реакция, удалить", "J": "на ответе: к тому, на что он отвечает",
  },
  errors: {
    name: "Такое имя не годится.", taken: "Это имя занято.", hello: "Связь прервалась, повторите.", guest: "Гости только читают: войдите, чтобы писать.",
    limit: "Это больше, чем позволяет чат.", slow: "Слишком много за короткое время, подождите немного.", storage: "Чат сейчас не может записать на диск.",
    closing: "Чат останавливается.", private: "Это закрытая комната.", proof: "Для этого нужно собственное имя, с токеном.", token: "Токен не подходит.",
    operator: "Это могут только операторы или сам автор.", banned: "Вход сюда для вас закрыт.", muted: "В этой комнате вы лишены голоса.", closed: "Эта комната закрыта.",
    nobody: "Ничего и никого с таким именем нет.", gap: "Неизвестно, отправлено ли это раньше: посмотрите, прежде чем повторить.", network: "Чат недоступен.",
  },
};

export const LANGUAGES = { en: EN, ru: RU };

/*  The first of the browser's languages that the page knows, else English.  */
export function languageOf(wanted) {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split("-")[0];
    if (short in LANGUAGES) return short;
  }
  return "en";
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/*  The words of a language: {lang, t (key, values), error (code, text), time, day, ...}. now: Unix ms.  */
export function words(language, { timeZone } = {}) {
  const table = LANGUAGES[language], rules = new Intl.PluralRules(language);
  const format = (options) => new Intl.DateTimeFormat(language, { timeZone, ...options });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const date = format({ weekday: "long", day: "numeric", month: "long" });
  const dated = format({ day: "numeric", month: "long", year: "numeric" });
  const full = format({ dateStyle: "full", timeStyle: "medium" });
  const dayKey = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  const numbers = new Intl.NumberFormat(language);
  const day = (time) => dayKey.format(time);

  function t(key, values = {}) {
    let text = key.split(".").reduce((found, part) => (found && Object.hasOwn(found, part) ? found[part] : null), table) ?? key;
    if (Array.isArray(text)) {
      const form = { one: 0, few: 1 }[rules.select(values.n)] ?? text.length - 1;
      text = text[form];
    }
    return fill(text, typeof values.n === "number" ? { ...values, n: numbers.format(values.n) } : values);
  }

  return {
    language, t, dayOf: day, keyList: table.keyList,
    error: (code, text) => (Object.hasOwn(table.errors, code) ? table.errors[code] : text || code),
    time: (ms) => clock.format(ms),
    fullTime: (ms) => full.format(ms),
    dayName(ms, now) {
      if (day(ms) === day(now)) return table.today;
      if (day(ms) === day(now - 86400000)) return table.yesterday;
      return now - ms < 300 * 86400000 ? date.format(ms) : dated.format(ms);
    },
  };
}
