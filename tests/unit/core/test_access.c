/*  test_access.c - who may what in a room: every role against every verb      */
#include "stage_private.h"

/*  The peers of the den, and of the public room hall, which ann founded.      */
enum { ANN = 1, BOB = 2, EVE = 3, GUY = 4, GUEST = 5, ADM = 9 };

static const struct {
    core_peer_t peer;
    const char *name;
} people[] = {{ANN, "ann"}, {BOB, "bob"}, {EVE, "eve"}, {GUY, "guy"}, {ADM, "adm"}, {GUEST, ""}};
enum { PEOPLE = sizeof people / sizeof *people };

/*  ann operates den and hall, bob is a member, eve proves her name, guy does not, adm is an
    admin; a guest.                                                            */
static house_t *everybody (void)
{
    house_t *house = house_den ();
    house_hello (house, GUY, 0, "guy", NULL);
    house_hello (house, ADM, HOUSE_ADMIN, "adm", NULL);
    house_do (house, ANN, "SAY|t|ann|hall|x");
    house_do (house, BOB, "SAY|t|bob|den|y");
    return house;
}

/*  The code of the answer; "OK", or "event" where HISTORY sent one first.     */
static char *answer (house_t *house, core_peer_t peer, const char *text)
{
    char *code = NULL;
    char prefix[32];
    house_ask (house, peer, text);
    if (house->stage.n_reads)
        stage_read (&house->stage);
    house_commit (house);
    for (size_t i = 0; i < house->stage.n_lines; i++) {
        const char *line = house->stage.lines[i];
        snprintf (prefix, sizeof prefix, "%llu< OK|q|*", (unsigned long long)peer);
        bool ok = stage_match (prefix, line);
        snprintf (prefix, sizeof prefix, "%llu< ERR|q|*", (unsigned long long)peer);
        if (!ok && !stage_match (prefix, line))
            continue;
        if (code)
            fail_msg ("answered twice: %s", text);
        free (code);
        json_t *json = stage_json (frame_str (strchr (line, '{')));
        code = ok ? strdup ("OK") : strdup (json_string_value (json_object_get (json, "code")));
        json_decref (json);
    }
    stage_skip (&house->stage);
    assert_non_null (code);
    return code;
}

/*  A verb with %s for the name, and the answer to ann, bob, eve, guy, adm and the guest, each in a
    house of their own.                                                        */
typedef struct {
    const char *text;
    const char *codes[PEOPLE];
} row_t;

static void check (const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < PEOPLE; j++) {
            house_t *house = everybody ();
            char text[160];
            const char *at = strstr (rows[i].text, "%s");
            snprintf (text, sizeof text, "%.*s%s%s", (int)(at - rows[i].text), rows[i].text,
                      people[j].name, at + 2);
            char *code = answer (house, people[j].peer, text);
            if (strcmp (code, rows[i].codes[j]) != 0)
                fail_msg ("%s: %s, not %s", text, code, rows[i].codes[j]);
            free (code);
            house_destroy (house);
        }
}

#define OK   "OK"
#define PRIV "private"
#define OPER "operator"
#define GST  "guest"

static void test_a_private_room (void **state)
{
    static const row_t rows[] = {
        /*                              ann   bob   eve   guy   adm   guest     */
        {"JOIN|q|%s|den", {OK, OK, PRIV, PRIV, PRIV, GST}},
        {"JOIN|q|%s|den|{\"private\":true}", {OK, OK, PRIV, PRIV, PRIV, GST}},
        {"SAY|q|%s|den|x", {OK, OK, PRIV, PRIV, PRIV, GST}},
        {"HISTORY|q|%s|den", {OK, OK, PRIV, PRIV, PRIV, PRIV}},
        {"WHO|q|%s|den", {OK, OK, PRIV, PRIV, PRIV, PRIV}},
        {"TOPIC|q|%s|den", {OK, OK, PRIV, PRIV, PRIV, PRIV}},
        {"TOPIC|q|%s|den|x", {OK, OK, PRIV, PRIV, PRIV, GST}},
        {"INVITE|q|%s|den|eve", {OK, OPER, PRIV, PRIV, OK, GST}},
        {"KICK|q|%s|den|bob", {OK, OK, PRIV, PRIV, OK, GST}},
        {"KICK|q|%s|den|ann", {OK, OPER, PRIV, PRIV, OK, GST}},
        {"MODE|q|%s|den", {OK, OK, PRIV, PRIV, OK, GST}},
        {"MODE|q|%s|den|{\"set\":\"lock\"}", {OK, OPER, PRIV, PRIV, OK, GST}},
        {"MODE|q|%s|den|{\"set\":\"close\"}", {OPER, OPER, PRIV, PRIV, OK, GST}},
        {"MODE|q|%s|den|{\"set\":\"op\",\"user\":\"bob\"}", {OK, OPER, PRIV, PRIV, OK, GST}},
        {"REMOVE|q|%s|den|3", {OK, OK, PRIV, PRIV, OK, GST}},
    };
    check (rows, sizeof rows / sizeof *rows);
}

static void test_a_public_room (void **state)
{
    static const row_t rows[] = {
        /*                              ann   bob   eve   guy   adm   guest     */
        {"JOIN|q|%s|hall", {OK, OK, OK, OK, OK, GST}},
        {"SAY|q|%s|hall|x", {OK, OK, OK, OK, OK, GST}},
        {"HISTORY|q|%s|hall", {OK, OK, OK, OK, OK, OK}},
        {"TOPIC|q|%s|hall|x", {"member", "member", "member", "member", "member", GST}},
        {"KICK|q|%s|hall|bob", {OK, "member", OPER, OPER, OK, GST}},
        {"MODE|q|%s|hall", {OK, OK, OK, OK, OK, GST}},
        {"MODE|q|%s|hall|{\"set\":\"ban\",\"user\":\"bob\"}", {OK, OPER, OPER, OPER, OK, GST}},
        {"MODE|q|%s|hall|{\"set\":\"open\"}", {OPER, OPER, OPER, OPER, OK, GST}},
        {"REMOVE|q|%s|hall|1", {OK, OPER, OPER, OPER, OK, GST}},
    };
    check (rows, sizeof rows / sizeof *rows);
}

/*  Silent connections, and ones without HELLO, are refused before anything else. */
static void test_without_hello (void **state)
{
    static const char *const asked[] = {"JOIN|q|%s|den",       "TELL|q|%s|ann|x",
                                        "INVITE|q|%s|den|bob", "KICK|q|%s|den|bob",
                                        "MODE|q|%s|den",       "MODE|q|%s|den|{\"set\":\"lock\"}",
                                        "REMOVE|q|%s|den|1",   "KEY|q|%s|{\"free\":true}"};
    house_t *house = everybody ();
    house_key (house, 20, 1);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char text[64];
        const char *at = strstr (asked[i], "%s");
        snprintf (text, sizeof text, "%.*sann%s", (int)(at - asked[i]), asked[i], at + 2);
        char *code = answer (house, 20, text);
        assert_string_equal (code, "hello");
        free (code);
    }
    house_destroy (house);
}

/*  The rooms one may see, and where to go on.                                 */
static void test_rooms (void **state)
{
    house_t *house = everybody ();
    house_do (house, EVE, "SAY|t|eve|park|x");
    house_do (house, EVE, "JOIN|t|eve|hut|{\"private\":true}");
    house_told (
        house, BOB, "ROOMS|q|bob",
        "2< OK|q|{\"rooms\":[{\"room\":\"den\",*},{\"room\":\"hall\",*},{\"room\":\"park\",*"
        "\"private\":false}],\"more\":false}");
    house_told (house, BOB, "ROOMS|q|bob|{\"after\":\"den\"}",
                "2< OK|q|{\"rooms\":[{\"room\":\"hall\",*},{\"room\":\"park\",*}],\"more\":false}");
    house_told (
        house, EVE, "ROOMS|q|eve",
        "3< OK|q|{\"rooms\":[{\"room\":\"hall\",*},{\"room\":\"park\",*},{\"room\":\"hut\",*"
        "\"private\":true}],\"more\":false}");
    house_told (house, BOB, "ROOMS|q|bob|{\"after\":\"hut\"}", "2< ERR|q|{\"code\":\"name\"*");
    house_told (house, GUEST, "ROOMS|q||{\"after\":\"park\"}",
                "5< OK|q|{\"rooms\":[],\"more\":false}");
    house_told (house, BOB, "ROOMS|q|bob|{\"after\":\"@1\"}", "2< ERR|q|{\"code\":\"name\"*");
    house_destroy (house);
}

/*  A name given up takes its roles with it, and who has it next inherits nothing.  */
static void test_a_freed_name_is_no_member (void **state)
{
    house_t *house = everybody ();
    house_do (house, ANN, "TELL|t|ann|bob|for the old one");
    house_ask (house, BOB, "KEY|k|bob|{\"free\":true}");
    house_blind (house, BOB);
    house_commit (house);
    stage_skip (&house->stage);
    house_do (house, ANN, "SAY|t|ann|den|not for bob");
    house_told (house, ANN, "MODE|t|ann|den", "1< OK|t|*\"members\":[\"ann\"]*");
    house_told (house, BOB, "HISTORY|t||den", "2< ERR|t|{\"code\":\"private\"*");
    house_gone (house, BOB);
    house->stage.now.wall_ms += ZCHAT_NAME_FREED_MS;
    house_key (house, 7, 7);
    house_ask (house, 7, "HELLO|h|bob");
    house_commit (house);
    stage_skip (&house->stage);
    house->owners[7] = house_owner (house, "bob");
    house_told (house, 7, "JOIN|t|bob|den", "7< ERR|t|{\"code\":\"private\"*");
    house_told (house, 7, "JOIN|t|bob|@", "7< OK|t|*\"head\":0,*");
    house_restart (house);
    house_hello (house, 7, 7, "bob", NULL);
    house_told (house, 7, "JOIN|t|bob|den", "7< ERR|t|{\"code\":\"private\"*");
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_private_room),
        cmocka_unit_test (test_a_public_room),
        cmocka_unit_test (test_without_hello),
        cmocka_unit_test (test_rooms),
        cmocka_unit_test (test_a_freed_name_is_no_member),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
