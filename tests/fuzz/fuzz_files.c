/*  fuzz_files.c - files that people write: keys, members, known brokers, and endpoints

    The first byte of the input says what the rest of it is: k a key file, m a file of
    members, t of tokens, b known_brokers (the first line: the broker looked for), e an endpoint,
    h a JSON list of feeds as HELLO names them.                                */
#include "admission/members.h"
#include "admission/tokens.h"
#include "endpoint.h"
#include "fuzz.h"
#include "keyfile.h"
#include "known.h"
#include "memory.h"
#include "text.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void try_keyfile (frame_t text)
{
    char path[64];
    keypair_t pair, again;
    bool made = false;
    char *why = NULL;
    int fd = memfd_create ("key", 0);
    fuzz_check (fd >= 0 && fchmod (fd, 0600) == 0);
    fuzz_check (write (fd, text.data, text.size) == (ssize_t)text.size);
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    zchat_status_t status = keyfile_take (path, "fuzz", &pair, &made, &why);
    fuzz_check (!made && (status == ZCHAT_OK || status == ZCHAT_CORRUPT));
    if (status == ZCHAT_OK) {
        /*  The key stands in the file, as text that is read as that key.      */
        char key[ADDRESS_KEY_TEXT + 1];
        uint8_t read[ADDRESS_KEY_SIZE];
        address_key_encode (pair.secret_key, key);
        fuzz_check (address_key_decode (frame_str (key), read, NULL) == ZCHAT_OK);
        fuzz_check (memcmp (read, pair.secret_key, sizeof read) == 0);
        fuzz_check (keyfile_take (path, "fuzz", &again, &made, &why) == ZCHAT_OK && !made);
        fuzz_check (memcmp (&again, &pair, sizeof pair) == 0);
    } else
        fuzz_check (why && *why && strstr (why, path));
    free (why);
    close (fd);
}

static void try_members (frame_t text)
{
    members_t *members = members_new ("nowhere");
    members_news_t news, again;
    members_parse (members, text, &news);
    size_t lines = 0, words = 0;
    for (frame_t rest = text, line; fuzz_line (&rest, &line); lines++)
        if (line.size >= ADDRESS_KEY_TEXT)
            words++;
    fuzz_check (news.count <= ZCHAT_MEMBERS_MAX && news.count <= words);
    fuzz_check (news.count + news.bad <= lines && news.bad_line <= lines);
    fuzz_check ((news.bad > 0) == (news.bad_line > 0) && (!news.bad || news.why));
    /*  A line that begins with a key admits it.                               */
    for (frame_t rest = text, line; fuzz_line (&rest, &line);) {
        uint8_t key[ADDRESS_KEY_SIZE];
        if (line.size == ADDRESS_KEY_TEXT && news.bad == 0 &&
            address_key_decode (line, key, NULL) == ZCHAT_OK)
            fuzz_check (members_has (members, key));
    }
    static const uint8_t stranger[ADDRESS_KEY_SIZE] = {0x9f, 0x3a, 0x7c, 1, 2, 3, 4, 5, 6, 7};
    fuzz_check (!members_has (members, stranger));
    members_parse (members, text, &again);
    fuzz_check (again.count == news.count && again.bad == news.bad);
    members_destroy (&members);
}

/*  Every name in the file is somebody's, whatever else stands in its line.    */
static void try_tokens (frame_t text)
{
    static const uint8_t token[ZCHAT_TOKEN_SIZE] = {0x11, 0x22, 0x33};
    char hex[2 * ZCHAT_TOKEN_SIZE + 1] = "";
    tokens_t *tokens = tokens_new ("nowhere");
    tokens_news_t news, again;
    tokens_parse (tokens, text, &news);
    for (size_t i = 0; i < sizeof token; i++)
        snprintf (hex + 2 * i, 3, "%02x", token[i]);
    fuzz_check (news.count <= ZCHAT_TOKENS_MAX);
    fuzz_check ((news.bad > 0) == (news.bad_line > 0));
    for (frame_t rest = text; rest.size && !news.error;) {
        token_line_t line;
        const char *why = NULL;
        token_line_kind_t kind = token_line_read (token_line_next (&rest), &line, &why);
        fuzz_check (kind == TOKEN_LINE_EMPTY || kind == TOKEN_LINE_GOOD || why);
        if (kind != TOKEN_LINE_GOOD && kind != TOKEN_LINE_RESERVES)
            continue;
        fuzz_check (tokens_show (tokens, &line.keys, frame_of (NULL, 0), 0) == CORE_TOKEN_WRONG);
        fuzz_check (tokens_show (tokens, &line.keys, frame_str ("zz"), 0) == CORE_TOKEN_WRONG);
        uint8_t hash[TOKEN_HASH_SIZE];
        token_hash (token, hash);
        bool right = kind == TOKEN_LINE_GOOD && !memcmp (hash, line.hash, sizeof hash) &&
                     line.expires_ms > 1000;
        if (right)
            fuzz_check (tokens_show (tokens, &line.keys, frame_str (hex), 1000) ==
                        CORE_TOKEN_RIGHT);
    }
    tokens_parse (tokens, text, &again);
    fuzz_check (again.count == news.count && again.bad == news.bad);
    tokens_destroy (&tokens);
}

static void try_known (frame_t text)
{
    frame_t first;
    uint8_t key[ADDRESS_KEY_SIZE];
    size_t line = 0, lines = 0;
    if (!fuzz_line (&text, &first))
        return;
    char *broker = fuzz_string (first);
    known_t known = known_find (text, broker, key, &line);
    for (frame_t rest = text; fuzz_line (&rest, &first);)
        lines++;
    fuzz_check (known == KNOWN_NOT || (line >= 1 && line <= lines));
    fuzz_check (*broker || known == KNOWN_NOT);
    free (broker);
}

static void try_endpoint (frame_t text)
{
    const char *why = NULL;
    char *endpoint = fuzz_string (text);
    if (endpoint_check (endpoint, &why) == ZCHAT_OK)
        fuzz_check (strstr (endpoint, "://") != NULL);
    else
        fuzz_check (why && text_valid (frame_str (why)));
    free (endpoint);
}

static void try_feeds (frame_t text)
{
    static const char *const doors[] = {"tcp://127.0.0.1:5680", "ipc:///tmp/door", "ws://[::1]:80"};
    const char *why;
    json_t *feeds = json_loadb (text.data ? text.data : "", text.size, 0, NULL);
    for (size_t i = 0; feeds && i < 3; i++) {
        char feed[ENDPOINT_MAX];
        if (endpoint_feed (doors[i], feeds, feed) != ZCHAT_OK)
            continue;
        fuzz_check (strlen (feed) < ENDPOINT_MAX && endpoint_check (feed, &why) == ZCHAT_OK);
    }
    json_decref (feeds);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    frame_t text = fuzz_copy (frame_of (data + 1, size - 1));
    switch (*data) {
    case 'k':
        try_keyfile (text);
        break;
    case 'm':
        try_members (text);
        break;
    case 't':
        try_tokens (text);
        break;
    case 'b':
        try_known (text);
        break;
    case 'e':
        try_endpoint (text);
        break;
    case 'h':
        try_feeds (text);
        break;
    default:
        break;
    }
    free ((void *)text.data);
    return 0;
}

/*  --- what inputs are made of -----------------------------------------------  */

#define KEY_A "040g2081040g2081040g2081040g2081040g2081040g2081040zargt"
#define HASH  "34d27383a366e30557d3cd77fc1fcd3e49f1423e2149338add01bf37d71d35ff"
const char *const fuzz_lines[] = {
    "k" KEY_A,
    "m" KEY_A " bob # a remark",
    "tbob abc1 " HASH " - phone",
    "carol abc2 " HASH " 1732089600000",
    "b127.0.0.1:5680\n127.0.0.1:5680 " KEY_A,
    "etcp://localhost:5680",
    "h[\"tcp://*:5681\",\"ipc:///tmp/feed\",\"ws://0.0.0.0:81\"]",
    "# a remark",
    KEY_A,
    KEY_A " eve",
    "localhost:5680 " KEY_A " # x",
    NULL,
};
const char *const fuzz_parts[] = {
    "",
    "k",
    "t",
    HASH,
    "m",
    "b",
    "e",
    "h",
    KEY_A,
    " ",
    "\t",
    "\r",
    "#",
    "tcp://[::]:5681",
    "ws://*:80/path",
    "ipc://@abstract",
    "[\"tcp://[::]:5681\",7,null]",
    NULL,
};
