/*  mailbox.c - what mailboxes are called in the log                           */
#include "ledger_private.h"
#include <sodium.h>

/*  The name of the mailbox of WHO, which no user and no room can have: @12 of the owner 12; of a
    name that is not proven, whose fold may be long, @= and a hash of it.      */
void mailbox_name (const char *who, char name[MAILBOX_NAME_MAX + 1])
{
    uint8_t hash[MAILBOX_HASH_SIZE];
    if (*who == '#') {
        snprintf (name, MAILBOX_NAME_MAX + 1, "@%.*s", MAILBOX_NAME_MAX - 1, who + 1);
        return;
    }
    crypto_generichash (hash, sizeof hash, (const uint8_t *)who, strlen (who), NULL, 0);
    name[0] = '@';
    name[1] = '=';
    sodium_bin2hex (name + 2, 2 * sizeof hash + 1, hash, sizeof hash);
}

/*  True where it is the name of a mailbox, and its keys.                      */
bool mailbox_keys (frame_t name, name_keys_t *keys)
{
    if (name.size < 2 || name.size > MAILBOX_NAME_MAX || *(const char *)name.data != '@')
        return false;
    memcpy (keys->fold, name.data, name.size);
    keys->fold[name.size] = '\0';
    memcpy (keys->look, keys->fold, sizeof keys->look);
    size_t digits = strspn (keys->fold + 1, "0123456789");
    size_t hex = keys->fold[1] == '=' ? strspn (keys->fold + 2, "0123456789abcdef") : 0;
    return digits + 1 == name.size ||
           (hex == (size_t)2 * MAILBOX_HASH_SIZE && hex + 2 == name.size);
}

bool ledger_mailbox_of (const room_t *room, const char *who)
{
    char name[MAILBOX_NAME_MAX + 1];
    mailbox_name (who, name);
    return room->mailbox && strcmp (room->name, name) == 0;
}
