/*  seal_tool.c - libzchat's sealing at the command line, for test_seal_format.py

    seal_tool seal SECRET FROM TO TIME DATA KEY,KEY...    the text comes on standard input; "-": no
   data seal_tool open SECRET                                 the body comes on standard input
    seal_tool fingerprint A KEY,KEY... B KEY,KEY...
    seal_tool vouch SECRET BROKER USER KEY TIME
    seal_tool vouched TEXT BROKER USER KEY TIME            says by whom
    Keys in hex. Exit status 1: refused, with the status on standard error.    */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/seal.h>

static char input[2 * ZCHAT_BODY_MAX];

static size_t keys_read (char *text, uint8_t (*keys)[ZCHAT_KEY_SIZE])
{
    size_t count = 0;
    for (char *rest = text, *key; (key = strsep (&rest, ",")) && count < ZCHAT_SEAL_KEYS_MAX;)
        if (sodium_hex2bin (keys[count++], ZCHAT_KEY_SIZE, key, strlen (key), NULL, NULL, NULL) !=
            0)
            exit (2);
    return count;
}

static int refused (zchat_status_t status)
{
    if (status != ZCHAT_OK)
        fprintf (stderr, "%s\n", zchat_status_code (status));
    return status == ZCHAT_OK ? 0 : 1;
}

static int seal (char **args, size_t size)
{
    uint8_t secret[1][ZCHAT_KEY_SIZE], keys[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE];
    char *body = NULL;
    zchat_sealed_t plain = {.from = args[1],
                            .to = args[2],
                            .time_ms = strtoull (args[3], NULL, 10),
                            .body = input,
                            .body_size = size,
                            .data = strcmp (args[4], "-") == 0 ? NULL : args[4]};
    keys_read (args[0], secret);
    size_t count = keys_read (args[5], keys);
    zchat_status_t status =
        zchat_seal (&plain, secret[0], (const uint8_t (*)[ZCHAT_KEY_SIZE])keys, count, &body);
    if (status == ZCHAT_OK)
        puts (body);
    free (body);
    return refused (status);
}

/*  A line each: sender, from, to, time, data; then the text as it is.         */
static int open_ (char **args, size_t size)
{
    uint8_t secret[1][ZCHAT_KEY_SIZE];
    char sender[2 * ZCHAT_KEY_SIZE + 1];
    zchat_sealed_t *plain = NULL;
    keys_read (args[0], secret);
    zchat_status_t status = zchat_unseal (input, size, secret[0], &plain);
    if (status == ZCHAT_OK) {
        sodium_bin2hex (sender, sizeof sender, plain->sender, ZCHAT_KEY_SIZE);
        printf ("%s\n%s\n%s\n%llu\n%s\n%s", sender, plain->from, plain->to,
                (unsigned long long)plain->time_ms, plain->data ? plain->data : "-", plain->body);
    }
    zchat_sealed_destroy (&plain);
    return refused (status);
}

static int fingerprint (char **args)
{
    uint8_t keys_a[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE],
        keys_b[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE];
    char text[ZCHAT_FINGERPRINT_SIZE];
    size_t n_a = keys_read (args[1], keys_a), n_b = keys_read (args[3], keys_b);
    zchat_status_t status =
        zchat_fingerprint (args[0], (const uint8_t (*)[ZCHAT_KEY_SIZE])keys_a, n_a, args[2],
                           (const uint8_t (*)[ZCHAT_KEY_SIZE])keys_b, n_b, text);
    if (status == ZCHAT_OK)
        puts (text);
    return refused (status);
}

static int vouch (char **args)
{
    uint8_t secret[1][ZCHAT_KEY_SIZE], broker[1][ZCHAT_KEY_SIZE], key[1][ZCHAT_KEY_SIZE];
    char text[ZCHAT_VOUCH_TEXT + 1];
    keys_read (args[0], secret);
    keys_read (args[1], broker);
    keys_read (args[3], key);
    zchat_status_t status =
        zchat_vouch (secret[0], broker[0], args[2], key[0], strtoull (args[4], NULL, 10), text);
    if (status == ZCHAT_OK)
        puts (text);
    return refused (status);
}

static int vouched (char **args)
{
    uint8_t broker[1][ZCHAT_KEY_SIZE], key[1][ZCHAT_KEY_SIZE], by[ZCHAT_KEY_SIZE];
    char text[2 * ZCHAT_KEY_SIZE + 1];
    keys_read (args[1], broker);
    keys_read (args[3], key);
    zchat_status_t status =
        zchat_vouch_check (args[0], broker[0], args[2], key[0], strtoull (args[4], NULL, 10), by);
    if (status == ZCHAT_OK)
        puts (sodium_bin2hex (text, sizeof text, by, sizeof by));
    return refused (status);
}

int main (int argc, char **argv)
{
    if (argc == 7 && strcmp (argv[1], "vouch") == 0)
        return vouch (argv + 2);
    if (argc == 7 && strcmp (argv[1], "vouched") == 0)
        return vouched (argv + 2);
    if (argc == 6 && strcmp (argv[1], "fingerprint") == 0)
        return fingerprint (argv + 2);
    size_t size = fread (input, 1, sizeof input - 1, stdin);
    if (argc == 8 && strcmp (argv[1], "seal") == 0)
        return seal (argv + 2, size);
    if (argc == 3 && strcmp (argv[1], "open") == 0)
        return open_ (argv + 2, size);
    return 2;
}
