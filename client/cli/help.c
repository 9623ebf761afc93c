/*  help.c - the texts of --help */
#include "help.h"
#include "i18n.h"
#include "memory.h"
#include <stdio.h>
#include <string.h>

/*  Every command's help ends with this.                                       */
#define COMMON                                                                                     \
    "  -e, --endpoint ENDPOINT  the broker's door: HOST, HOST:PORT or ipc://PATH; or its\n"        \
    "                           address, zchat://HOST:PORT/KEY: then all is encrypted\n"           \
    "                           (ZCHAT_ENDPOINT, else " CLI_ENDPOINT_DEFAULT ")\n" TOKEN           \
    "  -h, --help               this text\n"

#define TOKEN                                                                                      \
    "  --config FILE            read settings from FILE (ZCHAT_CONFIG; zchat config --help)\n"     \
    "  --token-file FILE        a token that proves your name, from a file only you can read\n"    \
    "                           (ZCHAT_TOKEN: the token itself)\n"

#define PATIENCE                                                                                   \
    "  --timeout SECONDS        give up when the broker is silent, or holds your name for\n"       \
    "                           somebody else, for so long (10); none: never\n"                    \
    "  -q, --quiet              say on standard error only why it failed\n"

#define READER "  --nick NAME              ask under a name (default: a guest, who is not listed)\n"

#define EXITS                                                                                      \
    "Exit status: 0 done, 64 usage, 65 bad input, 69 no broker, 71 system error,\n"                \
    "75 the command of --exec failed, 77 refused, 78 config file, 124 --timeout passed,\n"         \
    "129, 130 and 143 ended by SIGHUP, SIGINT and SIGTERM.\n"

static const char s_line[] =
    "Examples:\n"
    "  zchat                                   chat in the room lobby, on this machine\n"
    "  zchat tcp://chat.example.org:5680 --nick maria --room dev --room lobby\n"
    "  zchat @lab                              a broker by name (zchat config --help)\n"
    "  zchat send -r dev 'The build is green'  say one thing, and be sure it is stored\n"
    "  make 2>&1 | zchat send -r dev --lines   say each line\n"
    "  zchat listen -r dev --json | jq .text   give each message to a program\n"
    "  zchat history -r dev -n 50              read what was said\n"
    "\n"
    "Usage: zchat [ENDPOINT] [--nick NAME] [--room ROOM]... [-n NUMBER]\n"
    "       zchat send | listen | who | rooms | history | edit | react | mark | search |\n"
    "             purge | key | config | find ...  (zchat COMMAND --help)\n"
    "\n"
    "Without a command zchat is for people: type to talk, /help lists the rest.\n"
    "zchat | tee log keeps the talk, with its times.\n"
    "\n"
    "  ENDPOINT                 the broker's door: HOST, HOST:PORT or ipc://PATH; its address,\n"
    "                           zchat://HOST:PORT/KEY, as an encrypted broker prints it; or "
    "@NAME,\n"
    "                           as the config file names it\n"
    "                           (ZCHAT_ENDPOINT, else " CLI_ENDPOINT_DEFAULT "). With\n"
    "                           /ROOM/SEQ behind it, as /link shows it, the room opens there\n"
    "  -e, --endpoint ENDPOINT  the same\n"
    "  --nick NAME              your name (ZCHAT_NICK, else you are asked; without a\n"
    "                           terminal one must be given)\n"
    "  -r, --room ROOM          a room to enter, may be repeated (" CLI_ROOM_DEFAULT ")\n"
    "  -n, --last NUMBER        show so many earlier messages on entering (20)\n" TOKEN
    "  --lines                  lines with a prompt below them, not the whole screen\n"
    "                           (ZCHAT_FACE=lines)\n"
    "  --plain                  line by line, nothing drawn anew: for screen readers and logs\n"
    "                           (TERM=dumb)\n"
    "  --no-color               no colors (NO_COLOR)\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n"
    "\n" EXITS;

static const char s_send[] =
    "Examples:\n"
    "  zchat send -r dev 'The build is green'\n"
    "  uptime | zchat send -r dev              all of standard input is one message\n"
    "  zchat send -r dev --lines < notes.txt   one message a line\n"
    "  zchat send -r dev --action waves\n"
    "  zchat send -r dev --data '{\"build\":17}' -- '-Werror found something'\n"
    "  zchat send --to maria 'lunch?'          tell maria alone\n"
    "  zchat send -r dev --re 1042 'It is'     answer message 1042\n"
    "\n"
    "Usage: zchat send -r ROOM | --to NAME [TEXT...]\n"
    "\n"
    "Ends with 0 when all of it is on the broker's disk, each message once. A message has\n"
    "65536 bytes of UTF-8 at most. Without TEXT, or with - for it, standard input is read.\n"
    "With --lines empty lines are skipped, any amount is taken, and a line that is longer is sent\n"
    "as several messages. Bytes that are not UTF-8 are sent as U+FFFD, NUL as U+2400, and\n"
    "standard error says so. A message the broker refuses ends the sending, after what stands\n"
    "before it is stored; standard input is read to its end all the same.\n"
    "\n"
    "With --to it is sealed where both sides have keys (an encrypted broker): then the broker\n"
    "cannot read it, and it has 32768 bytes at most. Where the keys of NAME have changed,\n"
    "nothing is sent: see /verify in the chat. It waits for NAME where they are not here.\n"
    "\n"
    "  -r, --room ROOM          where\n"
    "  --to NAME                to whom, instead of a room\n"
    "  --no-seal                with --to: as plain text, which the broker can read\n"
    "  --lines                  each line of standard input is a message\n"
    "  --strict                 refuse (65) what is not UTF-8 or too long, instead of mending it\n"
    "  --skip                   with --lines: leave such lines out, say so, and go on; 65 at the "
    "end\n"
    "  --action                 what you do, not what you say: * maria waves\n"
    "  --data JSON              an object for programs that goes with each message\n"
    "  --re SEQ                 it answers this message of the room; with --to: the one that was\n"
    "                           told at this time (\"time\" of --json)\n"
    "  --nick NAME              your name (ZCHAT_NICK, else the login name, with the host's\n"
    "                           name or a number behind it where it cannot be had)\n" PATIENCE
        COMMON "\n" EXITS;

static const char s_listen[] =
    "Examples:\n"
    "  zchat listen -r dev                          from now on, until Ctrl-C\n"
    "  zchat listen -r dev -r lobby --json | jq .   one JSON object a line\n"
    "  zchat listen -r dev --since 1041 --json      go on after message 1041\n"
    "  zchat listen -r dev --since 2h               begin with what was said two hours ago\n"
    "  zchat listen -r dev --count 1 --timeout 60   wait a minute for one message\n"
    "  zchat listen -r dev --state dev.at >> log    each message once, over restarts\n"
    "  zchat listen -r dev --state dev.at --exec ./deploy -- --now\n"
    "                                               run a program for each message\n"
    "\n"
    "Usage: zchat listen [-r ROOM]... [--all-rooms] [--mail] [--json | -F FORMAT]\n"
    "                    [--state FILE] [--exec COMMAND [-- ARGUMENT...]]\n"
    "\n"
    "One message a line, each once and in order, over lost connections too:\n"
    "  ROOM<tab>SEQ<tab>TIME<tab>TYPE<tab>USER<tab>TEXT\n"
    "TYPE is say, action, topic, mode, remove, gone, edit (TEXT: {\"seq\":SEQ} and the new text),\n"
    "react or unreact (the reaction); behind a message that came late also marks, with SEQ 0: "
    "what\n"
    "became of it so far. With --mail also tell, told, invite and mention; of tell and told,\n"
    "how it was sealed stands behind TYPE: tell/verified, tell/sealed, tell/plain and the like.\n"
    "Control characters are made visible (^J for a newline).\n"
    "With --json an object "
    "{\"room\",\"seq\",\"time\",\"type\",\"user\",\"log\",\"text\",\"data\"}: "
    "time in ms since\n"
    "1970, log the id of the broker's log, to which seq belongs, data where there is some,\n"
    "everything not ASCII escaped, all values exact. Of an answer re is the seq (of a direct\n"
    "message the time) of what it answers. This is format 2: format 1 had neither re nor the "
    "types\n"
    "edit, react, unreact, mention and marks. More keys and types may come: pass over those you "
    "do\n"
    "not know. What is in data: protocol/PROTOCOL.md, Events; of marks \"at\" says up to which "
    "seq\n"
    "edits and reactions are in it already.\n"
    "A direct message has \"sealed\" (true or false) and \"seal\" (plain, unsealed: though there "
    "are\n"
    "keys; sealed, verified, fresh: by a new key, former; strange, misled, shut) besides; text is\n"
    "null where it is not to be shown (the last three).\n"
    "\n"
    "Standard output holds nothing else. Standard error says \"ready\" when all rooms are\n"
    "live, and what could not be had: messages the broker had removed before they came\n"
    "(with --json also a record {\"type\":\"lost\",\"room\",\"count\",\"before\"}), a room that "
    "ends\n"
    "before the SEQ that was asked for ({\"type\":\"ahead\",\"room\",\"after\",\"head\"}), another "
    "log\n"
    "than before ({\"type\":\"log_replaced\",\"log\"}), a room nobody has spoken in.\n"
    "\n"
    "A program that is to go on after a restart keeps log and seq of the last record, and says\n"
    "--since SEQ --log LOG: where the broker has another log meanwhile, all of it is new.\n"
    "With --state zchat does that itself: FILE holds the log and the last seq of each room, and "
    "is\n"
    "replaced on the disk (fsync) once the lines were written. After a kill, a crash of the "
    "broker\n"
    "or of the machine nothing is left out, and what was written last may come again: ROOM and "
    "SEQ\n"
    "are the same then, so a program that must not do a thing twice keeps those. What a reader at\n"
    "the other end of a pipe took and did not deal with is lost with it; --exec does not lose "
    "that.\n"
    "\n"
    "--exec runs COMMAND once for each message, one after the other, without a shell (for one say\n"
    "--exec sh -- -c '...'). The line stands on its standard input, and ZCHAT_ID (ROOM/SEQ),\n"
    "ZCHAT_ROOM, ZCHAT_SEQ, ZCHAT_LOG, ZCHAT_TYPE, ZCHAT_USER, ZCHAT_TIME (ms since 1970), of a\n"
    "direct message ZCHAT_SEAL, and ZCHAT_ATTEMPT in its environment. FILE moves on when COMMAND\n"
    "ended with 0; otherwise it is run again after 0.5 s, then 1, 2, 4 up to 60. Where we are "
    "ended,\n"
    "it is ended too (SIGTERM, 5 s), and runs again at the next start.\n"
    "\n"
    "FORMAT is text in which %r is the room, %s the seq, %i room/seq, %t the time, %T the same in "
    "ms\n"
    "since 1970, %y the type, %u the user, %m the text, %e the seq of what it answers, %d the "
    "data,\n"
    "%l the log, %% a %; \\n, \\t, \\0 and \\\\ are what they are in C. Control characters "
    "are made\n"
    "visible; only with -0, and not on a terminal, everything is written as it came.\n"
    "\n"
    "  -r, --room ROOM          where, may be repeated\n"
    "  --all-rooms              all rooms that may be read, those that are made meanwhile too\n"
    "                           (100; looked for every 30 s)\n"
    "  --mail                   your direct messages, as room @ (needs your name)\n"
    "  --json                   JSON, see above\n"
    "  -F, --format FORMAT      a line of your own, see above\n"
    "  -0, --null               end each with NUL, not with a newline\n"
    "  -q, --quiet              say on standard error only why it failed\n"
    "  --state FILE             go on where FILE says, and keep it; a room it does not know "
    "begins\n"
    "                           as --since or -n says. FILE.lock beside it keeps others away\n"
    "  --until-head             end with 0 when all that was there at the start has been put out\n"
    "  --exec COMMAND           run COMMAND for each message, see above\n"
    "  --exec-max NUMBER        end with 75 when it failed so often for one message\n"
    "                           (without end)\n"
    "  -n, --last NUMBER        begin with the last so many messages of each room (0)\n"
    "  --since SEQ, --after SEQ what comes after the message SEQ, the last one you saw (0: all)\n"
    "  --since TIME             from then on: 90s, 30m, 2h, 7d, 4w ago, 2026-11-20,\n"
    "                           2026-11-20T14:30 (this machine's zone; Z, +02:00 behind it)\n"
    "  --log ID                 the log that SEQ belongs to; another one is read from its\n"
    "                           beginning\n"
    "  --count NUMBER           end with 0 after so many messages\n"
    "  --timeout SECONDS        end with 124 after so long, with 69 if there is no broker\n"
    "                           till then (none; the first connection: 10)\n"
    "  --presence               also join, leave and presence, with SEQ 0 (JSON: null)\n"
    "  --nick NAME              listen under a name (default: a guest, who is not listed)\n" COMMON
    "\n" EXITS;

static const char s_who[] =
    "Examples:\n"
    "  zchat who -r dev          who is there, a name a line; NAME, away, WHY with tabs between\n"
    "                           for who is away\n"
    "  zchat who -r dev --json   {\"room\",\"members\",\"users\",\"away\"}\n"
    "\n"
    "Usage: zchat who -r ROOM [--json]\n"
    "\n"
    "  -r, --room ROOM          where\n"
    "  --json                   one JSON object\n" PATIENCE READER COMMON "\n" EXITS;

static const char s_rooms[] =
    "Examples:\n"
    "  zchat rooms          ROOM<tab>MEMBERS<tab>LAST SEQ<tab>TOPIC, the oldest room first;\n"
    "                       behind a private room <tab>private\n"
    "  zchat rooms --nick maria\n"
    "                       behind a room in which something is unread, where the name is proven,\n"
    "                       also <tab>unread 3, mentions 1\n"
    "  zchat rooms --json   an object a line: {\"room\",\"members\",\"head\",\"first\",\"topic\",\n"
    "                       \"log\"}, and \"unread\", \"mentions\" where they are known\n"
    "\n"
    "Usage: zchat rooms [--json]\n"
    "\n"
    "  --json                   one JSON object a line\n" PATIENCE READER COMMON "\n" EXITS;

static const char s_history[] =
    "Examples:\n"
    "  zchat history -r dev                   the last 100 messages\n"
    "  zchat history -r dev -n 20 --before 500\n"
    "  zchat history -r dev --since 1041      everything after message 1041\n"
    "  zchat history -r dev --since 2026-11-20 --before 2026-11-21\n"
    "  zchat history -r dev --all --json > dev.jsonl\n"
    "  zchat history --to maria               what you and maria told each other\n"
    "\n"
    "Usage: zchat history -r ROOM | --mail | --to NAME\n"
    "                     [-n NUMBER | --all] [--since SEQ|TIME] [--before SEQ|TIME] [--json]\n"
    "\n"
    "The oldest comes first; a line looks as in zchat listen. Messages stand there as they are "
    "now:\n"
    "one that was edited has its newest text, and behind it stands what became of it, of TYPE "
    "marks.\n"
    "A link, as /link shows it, in place of the broker's address gives all from its message on.\n"
    "With --since, messages that\n"
    "the broker no longer keeps are told on standard error (and with --json in a record\n"
    "{\"type\":\"lost\",\"room\",\"count\",\"before\"}), and what else zchat listen tells there.\n"
    "\n"
    "  -r, --room ROOM          where\n"
    "  --mail                   your direct messages (needs your name)\n"
    "  --to NAME                those to and from one person\n"
    "  -n, --last NUMBER        so many at most (100; with --since: all)\n"
    "  --all                    all\n"
    "  --since SEQ, --after SEQ what comes after the message SEQ, the last one you saw (0: all)\n"
    "  --since TIME             from then on: 90s, 30m, 2h, 7d, 4w ago, 2026-11-20,\n"
    "                           2026-11-20T14:30 (this machine's zone; Z, +02:00 behind it)\n"
    "  --log ID                 the log that SEQ belongs to; another one is read from its\n"
    "                           beginning\n"
    "  --before SEQ|TIME        only those before it\n"
    "  --json                   one JSON object a line\n"
    "  -F, --format FORMAT      a line of your own, as in zchat listen\n"
    "  -0, --null               end each with NUL, not with a newline\n" PATIENCE READER COMMON
    "\n" EXITS;

static const char s_edit[] =
    "Examples:\n"
    "  zchat edit -r dev 1042 'The build is red'   another text for your message 1042\n"
    "  fortune | zchat edit -r dev 1042            from standard input\n"
    "\n"
    "Usage: zchat edit -r ROOM SEQ [TEXT...]\n"
    "\n"
    "Ends with 0 when it is on the broker's disk, once. Everybody sees the new text; the old one "
    "is\n"
    "overwritten in the log. Your name must be proven, the message yours, and not too old (a day,\n"
    "unless who runs the broker says otherwise).\n"
    "\n"
    "  -r, --room ROOM          where\n"
    "  --strict                 refuse (65) what is not UTF-8 or too long, instead of mending it\n"
    "  --nick NAME              your name (ZCHAT_NICK, else the login name)\n" PATIENCE COMMON
    "\n" EXITS;

static const char s_react[] =
    "Examples:\n"
    "  zchat react -r dev 1042 +1          react to message 1042 by an emoji or a word\n"
    "  zchat react -r dev 1042 +1 --undo   no longer\n"
    "\n"
    "Usage: zchat react -r ROOM SEQ TEXT [--undo]\n"
    "\n"
    "  -r, --room ROOM          where\n"
    "  --undo                   take it back\n"
    "  --nick NAME              your name (ZCHAT_NICK, else the login name)\n" PATIENCE COMMON
    "\n" EXITS;

static const char s_mark[] =
    "Examples:\n"
    "  zchat mark -r dev        you have read all of it, on all your devices\n"
    "  zchat mark -r dev 1042   up to message 1042\n"
    "  zchat mark --mail        your direct messages\n"
    "\n"
    "Usage: zchat mark -r ROOM | --mail [SEQ]\n"
    "\n"
    "Your name must be proven. It only goes forward: a smaller SEQ changes nothing.\n"
    "\n"
    "  -r, --room ROOM          where\n"
    "  --mail                   your direct messages\n"
    "  --nick NAME              your name (ZCHAT_NICK)\n" PATIENCE COMMON "\n" EXITS;

static const char s_search[] =
    "Examples:\n"
    "  zchat search build pass              both words, in any case, with any accents\n"
    "  zchat search '\"build pass\"' 'rel*'   one behind the other, and a word that begins so\n"
    "  zchat search from:maria after:2026-11-28 before:2026-11-29T10:15 has:link\n"
    "  zchat search -r dev -n 100 --json build | jq .text\n"
    "  zchat search --mail --nick maria lunch\n"
    "\n"
    "Usage: zchat search [-r ROOM | --mail] WORDS...\n"
    "\n"
    "Finds messages in what you may read, the newest first; a line looks as in zchat listen, TEXT "
    "is\n"
    "a part of the message. With --json an object "
    "{\"room\",\"seq\",\"time\",\"type\",\"user\",\"text\",\n"
    "\"found\",\"log\"}: found are the places in text, [begin, length] in bytes. Direct messages "
    "that\n"
    "are sealed are not searched: the broker cannot read them.\n"
    "\n"
    "  -r, --room ROOM          in this room alone\n"
    "  --mail                   in your direct messages alone (needs your name)\n"
    "  -n, --last NUMBER        so many at most (20)\n"
    "  --all                    all\n"
    "  --json                   one JSON object a line\n" PATIENCE READER COMMON "\n" EXITS;

static const char s_purge[] =
    "Examples:\n"
    "  zchat purge names 'eve*'         which names would go\n"
    "  zchat purge names 'eve*' --yes   free them\n"
    "  zchat purge names --unused --before 30d --yes\n"
    "  zchat purge rooms 'spam-*' --yes   remove rooms, with all that was said there\n"
    "\n"
    "Usage: zchat purge names [PATTERN] [--place PLACE] [--before TIME] [--unused] [--now] "
    "[--yes]\n"
    "\n"
    "For admins of the broker. It frees the names that belong to somebody and fit what is given,\n"
    "except your own. For each it prints a line: the name, when it was claimed, used or unused, "
    "and\n"
    "the place where it was claimed, which is a number for an address (- where it is not known).\n"
    "It removes the rooms that fit, with all that was said in them. For each it prints a line: "
    "the\n"
    "name, when something was said last, the number of messages, and the place that it counts "
    "for.\n"
    "\n"
    "  PATTERN                  * stands for anything, ? for one byte; quote it for the shell\n"
    "  --place PLACE            claimed there: as it is put out, or the part before its /, the\n"
    "                           whole IPv6 /48\n"
    "  --before TIME            claimed, or said in last, before: 90s, 30m, 2h, 7d, 4w ago,\n"
    "                           2026-11-20\n"
    "  --unused                 names that were never used: nothing was said or joined by them;\n"
    "                           rooms that nobody is in\n"
    "  --now                    they may be claimed again at once, not after 30 days; also those\n"
    "                           that were freed before\n"
    "  --yes                    do it; without it nothing changes\n"
    "  --nick NAME              your name (ZCHAT_NICK)\n" PATIENCE COMMON "\n" EXITS;

static const char s_key[] =
    "Examples:\n"
    "  zchat key                 your public key: by it an encrypted broker knows you\n"
    "  zchat key >> members      let you in (on the broker's side)\n"
    "  zchat key list            the keys that open your name on the broker\n"
    "  zchat key add KEY         let another device of yours in: KEY is what zchat key says there\n"
    "  zchat key remove KEY      let that device in no longer\n"
    "  zchat key free --yes      give up your name\n"
    "\n"
    "Usage: zchat key\n"
    "       zchat key add KEY | remove KEY | list [NAME] | free [NAME]\n"
    "\n"
    "Your secret key is made at first use and kept in $XDG_CONFIG_HOME/zchat/key, else\n"
    "~/.config/zchat/key: whoever has that file is you. Beside it known_brokers holds the keys\n"
    "of the brokers you have met; a broker whose key has changed is refused. known_people holds\n"
    "the keys of those you told something, ignored the names that /ignore hides where the broker\n"
    "cannot refuse them for you.\n"
    "\n"
    "add, remove, list and free ask the broker. Your name must be proven, except for list NAME,\n"
    "which anybody may ask. All but free print the keys, one a line.\n"
    "\n"
    "free gives up your name, or as an admin that of NAME: nobody can have it for 30 days, you\n"
    "neither, and its mail and its rooms are lost. It needs --yes.\n"
    "\n"
    "  --nick NAME              your name (ZCHAT_NICK)\n"
    "  --yes                    with free: I know what it means\n" PATIENCE COMMON "\n" EXITS;

static const char s_find[] =
    "Examples:\n"
    "  zchat find                               brokers of the local network, a line each\n"
    "  zchat zchat://192.0.2.7:5680/KEY         talk there, once you know that this is its key\n"
    "\n"
    "Usage: zchat find\n"
    "\n"
    "Listens for 3 s (UDP port 5680, IPv4) to what brokers say that were started with --announce, "
    "and\n"
    "prints address, which holds the broker's key, and the name of its machine. Anybody there can "
    "say\n"
    "anything: compare the key with the one that who runs the broker tells you. Nothing is "
    "joined.\n"
    "\n"
    "  -h, --help               this text\n"
    "\n"
    "Exit status: 0 found some, 64 usage, 69 none, 71 the port cannot be listened at\n";

static const char s_config[] =
    "Examples:\n"
    "  zchat config                          what holds, and where it stands\n"
    "  zchat config --sample > FILE          a file to begin with\n"
    "\n"
    "Usage: zchat config [--sample]\n"
    "\n"
    "The config file is $XDG_CONFIG_HOME/zchat/config, else ~/.config/zchat/config, or what\n"
    "--config or ZCHAT_CONFIG says. None is needed. Options win over the environment\n"
    "(ZCHAT_ENDPOINT, ZCHAT_NICK), it over the file. A mistake is told with file and line, and\n"
    "ends zchat with 78; so does a file that others may write (notify runs a command), a folder,\n"
    "or more than 64 KiB. /set in the chat changes one line of it, and keeps all others.\n"
    "\n"
    "  broker = \"@lab\"                      which broker, where nothing else says it\n"
    "  nick = \"maria\"                       your name\n"
    "  autojoin = \"lobby dev\"               rooms to enter, where none is given\n"
    "  highlight = \"release outage\"         words that count as a mention of you\n"
    "  mute = \"random bot\"                  rooms and people of which nothing is notified\n"
    "  bell = \"yes\"                         ring the terminal's bell at a mention: yes, no\n"
    "  notify = \"notify-send zchat\"         a command to run at a mention, without a shell\n"
    "  theme = \"dark\"                       dark or light\n"
    "  plain = \"no\"                         draw nothing anew, as --plain does: yes, no\n"
    "  @lab = \"zchat://HOST:PORT/KEY\"       a broker's name, for zchat @lab and -e @lab\n"
    "      nick = \"masha\"                   indented: for that broker alone\n"
    "\n"
    "Lists have blanks or commas between their words. # begins a remark, unless it is in quotes.\n"
    "The form is that of zchatd.conf(5).\n"
    "\n"
    "  --config FILE            this file (ZCHAT_CONFIG)\n"
    "  --sample                 print a file with all settings, as remarks\n"
    "  -h, --help               this text\n"
    "\n" EXITS;

const char *help_text (cli_mode_t mode)
{
    static const char *const texts[] = {
        [MODE_LINE] = s_line,     [MODE_SEND] = s_send,   [MODE_LISTEN] = s_listen,
        [MODE_WHO] = s_who,       [MODE_ROOMS] = s_rooms, [MODE_HISTORY] = s_history,
        [MODE_EDIT] = s_edit,     [MODE_REACT] = s_react, [MODE_MARK] = s_mark,
        [MODE_SEARCH] = s_search, [MODE_PURGE] = s_purge, [MODE_KEY] = s_key,
        [MODE_CONFIG] = s_config, [MODE_FIND] = s_find,
    };
    return texts[mode <= MODE_FIND ? mode : MODE_LINE];
}

/*  True where a line begins another part than the line before it.             */
static bool begins_part (const char *line, const char *before)
{
    if (*line == '\n' || *before == '\n')
        return true;
    bool indented = strncmp (line, "   ", 3) == 0;
    return !indented && (*line == ' ' || *before == ' ');
}

bool help_print (const char *text)
{
    const char *part = text;
    bool good = true;
    for (const char *line = text; good && *line;) {
        const char *next = strchr (line, '\n');
        next = next ? next + 1 : line + strlen (line);
        bool ends = !*next || begins_part (next, line);
        line = next;
        if (!ends)
            continue;
        size_t size = (size_t)(next - part) - (next[-1] == '\n');
        char *message = memory_string (part, size);
        good = puts (size > 0 ? gettext (message) : "") >= 0;
        free (message);
        part = next;
    }
    return good && fflush (stdout) == 0;
}
