/*  test_private_bound.c - private rooms never give way, so an address makes so many and no more */
#include "stage.h"

enum { BOB = 1, EVE, MAL, ADMIN };

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    static const char *const names[] = {"bob", "eve", "mal", "root"};
    static const char *const places[] = {"192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.3"};
    stage_admin (stage, stage_key_text (ADMIN));
    stage_restart (stage);
    for (core_peer_t peer = BOB; peer <= ADMIN; peer++) {
        stage_key (stage, peer, stage_key_text ((unsigned)peer));
        stage_place (stage, peer, places[peer - BOB]);
        stage_askf (stage, peer, "HELLO|h|%s", names[peer - BOB]);
        stage_commit (stage);
    }
    stage_skip (stage);
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  The user asks for a private room of the name, and gets it, or hears that there are too many. */
static void make (stage_t *stage, core_peer_t peer, const char *user, const char *room, bool made)
{
    char lines[2][128];
    stage_askf (stage, peer, "HELLO|h|%s", user);
    stage_commit (stage);
    stage_skip (stage);
    stage_askf (stage, peer, "JOIN|j|%s|%s|{\"private\":true}", user, room);
    stage_commit (stage);
    snprintf (lines[0], sizeof *lines, "%u< EVENT||room/%s/|*\"set\":\"create\"*", (unsigned)peer,
              room);
    snprintf (lines[1], sizeof *lines, "%u< OK|j|{\"room\":\"%s\",*", (unsigned)peer, room);
    if (made)
        stage_expect (stage, lines[0], lines[1]);
    else
        stage_expect (stage,
                      "*< ERR|j|{\"code\":\"limit\",*\"limit\":2500,\"what\":\"private rooms\"}");
}

static zchat_status_t charge_room (void *arg, const store_room_t *room)
{
    if (room->name.size && !*(char *)arg)
        snprintf (arg, STORE_CHARGE_MAX + 1, "%.*s", (int)room->charge.size,
                  (const char *)room->charge.data);
    return ZCHAT_OK;
}

static zchat_status_t charge_producer (void *arg, const store_producer_t *producer)
{
    return ZCHAT_OK;
}

/*  So many private rooms more are in the log, made by who made the first one, as if they had
    asked for one after another.                                               */
static void rooms_made (stage_t *stage, size_t count)
{
    char charge[STORE_CHARGE_MAX + 1] = "";
    const store_loader_t loader = {.room = charge_room, .producer = charge_producer, .arg = charge};
    assert_int_equal (store_load (stage->store, &loader), ZCHAT_OK);
    assert_non_null (strchr (charge, '/'));
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf (name, sizeof name, "den%zu", i);
        store_record_t record = {.room = ++stage->number,
                                 .room_name = frame_str (name),
                                 .makes = true,
                                 .event = {.seq = 1,
                                           .time_ms = 1,
                                           .type = ZCHAT_TYPE_MODE,
                                           .user = frame_str ("eve"),
                                           .data = frame_str ("{\"set\":\"create\"}")},
                                 .fact_key = frame_str ("mode"),
                                 .fact_value = frame_str ("{\"private\":true}"),
                                 .charge = frame_str (charge)};
        assert_int_equal (store_append (stage->store, &record, 1), ZCHAT_OK);
    }
    stage_restart (stage);
}

/*  The bound is of all who come from there, and of nobody else; one that ends makes place. */
static void test_an_address_is_bounded (void **state)
{
    stage_t *stage = *state;
    make (stage, EVE, "eve", "first", true);
    rooms_made (stage, ZCHAT_PRIVATE_PLACE_MAX - 2);
    make (stage, MAL, "mal", "last", true);
    make (stage, MAL, "mal", "more", false);
    make (stage, EVE, "eve", "more", false);
    make (stage, BOB, "bob", "more", true);
    stage->quiet = true;
    stage_ask (stage, ADMIN, "HELLO|h|root");
    stage_commit (stage);
    stage_ask (stage, ADMIN, "PURGE|p|root|{\"what\":\"rooms\",\"match\":\"den7\"}");
    stage_commit (stage);
    stage->quiet = false;
    make (stage, EVE, "eve", "again", true);
    make (stage, EVE, "eve", "once-more", false);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_an_address_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
