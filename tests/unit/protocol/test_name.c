/*  test_name.c - names: allowed or not, the same or not                       */
#include "name.h"
#include "text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void assert_allowed (const char *name)
{
    const char *why = NULL;
    name_keys_t keys;
    if (name_check (frame_str (name), &keys, &why) != ZCHAT_OK)
        fail_msg ("%s is refused: %s", name, why);
    assert_int_equal (name_check (frame_str (name), NULL, NULL), ZCHAT_OK);
    assert_true (strlen (keys.fold) > 0 && strlen (keys.look) > 0);
    assert_true (name_same (&keys, &keys));
}

/*  part: of the reason.                                                       */
static void assert_refused (frame_t name, const char *part)
{
    const char *why = NULL;
    name_keys_t keys;
    memset (&keys, 'k', sizeof keys);
    if (name_check (name, &keys, &why) != ZCHAT_NAME)
        fail_msg ("%.*s is allowed", (int)name.size, (const char *)name.data);
    assert_non_null (why);
    if (strstr (why, part) == NULL)
        fail_msg ("%.*s: %s", (int)name.size, (const char *)name.data, why);
    for (size_t i = 0; i < sizeof keys; i++)
        assert_int_equal (((const char *)&keys)[i], 'k');
    assert_int_equal (name_check (name, NULL, NULL), ZCHAT_NAME);
}

static bool same (const char *a, const char *b)
{
    name_keys_t keys_a;
    name_keys_t keys_b;
    assert_int_equal (name_check (frame_str (a), &keys_a, NULL), ZCHAT_OK);
    assert_int_equal (name_check (frame_str (b), &keys_b, NULL), ZCHAT_OK);
    assert_true (name_same (&keys_a, &keys_b) == name_same (&keys_b, &keys_a));
    return name_same (&keys_a, &keys_b);
}

static void assert_same (const char *a, const char *b)
{
    if (!same (a, b))
        fail_msg ("%s and %s are two names", a, b);
}

static void assert_differ (const char *a, const char *b)
{
    if (same (a, b))
        fail_msg ("%s and %s are one name", a, b);
}

/*  Fill size bytes with a unit of bytes, as often as it fits.                 */
static void fill (char *bytes, size_t size, frame_t unit)
{
    for (size_t at = 0; at + unit.size <= size; at += unit.size)
        memcpy (bytes + at, unit.data, unit.size);
}

/*  --- allowed ---------------------------------------------------------------  */

static void names_of_the_world_are_allowed (void **state)
{
    static const char *const names[] = {
        "a",
        "7",
        "bob",
        "Bob_7",
        "a.b-c_d",
        "_x_",
        ".bashrc",
        "-1",
        "иван",
        "Ёжик",
        "Їжак",
        "Αλέξης",
        "José",
        "Müller",
        "Łukasz",
        "ðorður",
        "田中",
        "たなか",
        "タナカ",
        "田中さん",
        "김철수",
        "王小明",
        "محمد",
        "فارسی",
        "דוד",
        "אוריה",
        "राम",
        "தமிழ்",
        "สมชาย",
        "ไทย",
        "Արամ",
        "ანა",
        "አበበ",
        "JR東日本",
        "LINE公式",
        "user田中",
        "Tokyo東京タワー",
        "Samsung삼성",
        "v2.0",
        "иван2",
        "иван_петров",
        "ß",
        "Straße",
        "IJsbrand",
        "Nguyễn",
        "Trần",
        "ကျော်",
        "٣",
        "محمد٣",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_allowed (names[i]);
}

static void lengths_are_counted_in_code_points (void **state)
{
    char name[200];
    memset (name, 'x', sizeof name);
    assert_int_equal (name_check (frame_of (name, 32), NULL, NULL), ZCHAT_OK);
    assert_refused (frame_of (name, 33), "32");
    assert_refused (frame_of (name, 200), "32");
    fill (name, 66, frame_str ("ж"));
    assert_int_equal (name_check (frame_of (name, 64), NULL, NULL), ZCHAT_OK);
    assert_refused (frame_of (name, 66), "32");
    fill (name, 132, frame_str ("\xf0\xa0\x80\x80")); /* a Han letter of 4 bytes */
    assert_int_equal (name_check (frame_of (name, ZCHAT_NAME_MAX), NULL, NULL), ZCHAT_OK);
    assert_refused (frame_of (name, 132), "32");
    assert_refused (frame_of (NULL, 0), "empty");
    assert_refused (frame_str (""), "empty");
}

static void what_is_no_letter_is_refused (void **state)
{
    static const char *const names[] = {
        "a b",
        " a",
        "a/b",
        "/",
        "a\\b",
        "#lobby",
        "@bob",
        "bob!",
        "a,b",
        "a:b",
        "a;b",
        "<b>",
        "a\"b",
        "a'b",
        "a+b",
        "a=b",
        "a*",
        "a?",
        "a&b",
        "a|b",
        "$x",
        "50%",
        "(x)",
        "[x]",
        "{x}",
        "`x",
        "~x",
        "^x",
        "€5",
        "a·b",
        "a…b",
        "x²",
        "½x",
        "Ⅳx",
        "①x",
        "☃",
        "👍",
        "a👍b",
        "x\xc2\xa0y",
        "x\xe3\x80\x80y",
        "a‐b",
        "a–b",
        "a／b",
        "a．b",
        "a＿b",
        "a\xef\xbf\xbd",
        "x𐄀",
        "一\xef\xbd\xa5",
        "a\xf3\xb0\x80\x80",
        "a\xee\x80\x80",
        "a\xef\xbf\xbf",
        "a\xcd\xb8",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_refused (frame_str (names[i]), "letters, digits");
}

static void what_cannot_be_seen_is_refused (void **state)
{
    static const uint32_t hidden[] = {
        0x01,   0x09,   0x0A,   0x1B,   0x7F,   0x85,   0x9B,   0xAD,    0x034F,  0x061C, 0x115F,
        0x17B4, 0x180B, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x2028,  0x202E,  0x2060, 0x2066,
        0x3164, 0xFE00, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0, 0x0600, 0xE0041, 0xE0100, 0x1D173};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        char name[6] = {'a'};
        size_t size = 1 + text_encode (hidden[i], name + 1);
        name[size++] = 'b';
        assert_refused (frame_of (name, size), "invisible");
    }
}

static void bad_bytes_are_refused (void **state)
{
    assert_refused (frame_of ("a\0b", 3), "UTF-8");
    assert_refused (frame_of ("\0", 1), "UTF-8");
    assert_refused (frame_str ("a\xff"), "UTF-8");
    assert_refused (frame_str ("\xd0"), "UTF-8");
    assert_refused (frame_str ("\xc1\x81"), "UTF-8");
    assert_refused (frame_str ("\xed\xa0\x80"), "UTF-8");
}

static void a_name_says_something (void **state)
{
    assert_refused (frame_str ("."), "at least one letter");
    assert_refused (frame_str (".."), "at least one letter");
    assert_refused (frame_str ("-_-"), "at least one letter");
    assert_refused (frame_str ("_\xcc\x81"), "at least one letter");
    assert_refused (frame_str ("\xcc\x81"
                               "a"),
                    "mark");
    assert_refused (frame_str ("\xe0\xa4\x83"
                               "a"),
                    "mark");
}

static void only_nfc_is_allowed (void **state)
{
    assert_refused (frame_str ("Jose\xcc\x81"), "NFC");
    assert_refused (frame_str ("и\xcc\x86"), "NFC");
    assert_refused (frame_str ("\xe2\x84\xaa"), "NFC");             /* the Kelvin sign  */
    assert_refused (frame_str ("\xe1\x84\x80\xe1\x85\xa1"), "NFC"); /* Hangul in parts  */
    assert_refused (frame_str ("q\xcc\x81\xcc\xa3"), "NFC");        /* marks in disorder */
    assert_allowed ("q\xcc\xa3\xcc\x81");                           /* and in order     */
}

static void marks_do_not_pile_up (void **state)
{
    assert_allowed ("q\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
    assert_refused (frame_str ("q\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"), "marks");
}

static void a_letter_that_stands_for_a_sign_is_refused (void **state)
{
    assert_refused (frame_str ("\xef\xb7\xba"), "stands for"); /* a sentence with spaces in one */
    assert_refused (frame_str ("a\xc5\x80"), "stands for");    /* l with a middle dot          */
    assert_refused (frame_str ("\xef\xbe\x9e"
                               "a"),
                    "stands for"); /* becomes a mark */
    /* the longest folded form of 32 letters is refused or fits, and never spills */
    char name[ZCHAT_NAME_MAX];
    fill (name, 96, frame_str ("\xef\xb7\xb2")); /* U+FDF2: four letters each */
    name_keys_t keys;
    assert_int_equal (name_check (frame_of (name, 96), &keys, NULL), ZCHAT_OK);
    assert_int_equal (strlen (keys.fold), 32 * 4 * 2);
}

/*  --- alphabets -------------------------------------------------------------  */

static void alphabets_that_look_alike_do_not_mix (void **state)
{
    static const char *const names[] = {
        "аlice",   "pаypal", "bоb", "Αlice", "ivanиван", "иванivan", "вοva", "αа", "жλ", "a.ж",
        "bob_боб", "оօ",     "aօ",  "aᎪ",    "aⲟ",       "aყ",       "aꓐ",   "aᑭ", "a𐐬", "東京aж",
        "ꭺa",    "µx",     "ａж", "ªж",    "ᴀж",       "йa",       "éж",   "aϱ",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_refused (frame_str (names[i]), "alphabet");
    assert_allowed ("東京ж");
    assert_allowed ("ж2_.-");
    assert_allowed ("aعb");
}

/*  --- the same --------------------------------------------------------------  */

static void case_and_compatibility_fold (void **state)
{
    assert_same ("bob", "BOB");
    assert_same ("Иван", "иВАН");
    assert_same ("Straße", "STRASSE");
    assert_same ("ΣΊΣΥΦΟΣ", "σίσυφος");
    assert_same ("ｂｏｂ", "bob");
    assert_same ("ﬁn", "fin");
    assert_same ("𝐛ob", "bob");
    assert_same ("ᵇob", "bob");
    assert_same ("ﾀﾅｶ", "タナカ");
    assert_same ("José", "JOSÉ");
    assert_differ ("José", "Jose");
    assert_differ ("ё", "е");
    assert_differ ("bob", "bob_");
    assert_differ ("a.b", "a-b");
}

static void letters_that_look_alike_are_one (void **state)
{
    assert_same ("сор", "cop");
    assert_same ("СОР", "COP");
    assert_same ("Сор", "cop");
    assert_same ("ВОВА", "BOBA");
    assert_same ("ВОВА", "boba");
    assert_same ("ТОМА", "TOMA");
    assert_same ("ТОМА", "тома");
    assert_same ("асе", "ace");
    assert_same ("ѕсоре", "scope");
    assert_same ("јеѕѕ", "jess");
    assert_same ("хау", "xay");
    assert_same ("ΝΟΚΙΑ", "NOKIA");
    assert_same ("οου", "oou");
    assert_same ("ΤΟΜ", "ТОМ");
    assert_same ("ё", "ë");
    assert_same ("ї", "ï");
    assert_same ("Ӕ", "æ");
    assert_same ("ᏢᎪᎢ", "PAT");
    assert_same ("ꓐꓳꓐ", "BOB");
    assert_same ("օօ", "oo");
    assert_same ("gɑme", "game");
    assert_same ("b०b", "bob");
    assert_same ("かへ", "かヘ");
    assert_same ("З3", "33");
    assert_same ("ک", "ك");
}

static void digits_and_pairs_of_letters_are_what_they_look_like (void **state)
{
    assert_same ("pauI", "paul");
    assert_same ("pau1", "paul");
    assert_same ("bob", "b0b");
    assert_same ("alice1", "alicel");
    assert_same ("alicel", "aliceI");
    assert_same ("rnaria", "maria");
    assert_same ("rnaria", "Maria");
    assert_same ("Rnaria", "maria");
    assert_same ("RNARIA", "maria");
    assert_same ("biǁ", "bill");
    assert_same ("paʦy", "patsy");
    assert_same ("Ю", "lO");
    assert_same ("гор", "rop");
    assert_same ("σσ", "oo");
    assert_same ("かロ", "か口");
    assert_same ("ا1", "ا١");
}

/*  Among capitals what looks like l is an I, elsewhere an I is an l.          */
static void capitals_are_read_as_capitals (void **state)
{
    assert_same ("NOKIA", "ΝΟΚΙΑ");
    assert_same ("nokia", "ΝΟΚΙΑ");
    assert_same ("MAlL", "MAIL");
    assert_same ("MA1L", "MAIL");
    assert_same ("IAN", "lAN");
    assert_same ("Ian", "lan");
    assert_same ("lan", "1an");
    assert_same ("ROOM1", "room1");
    assert_differ ("ian", "lan");
    assert_differ ("mail", "mall");
    assert_differ ("MAIL", "mall");
    assert_differ ("alicel", "alicei");
    assert_differ ("alice1", "alicei");
}

static void a_dot_above_a_dot_is_not_seen (void **state)
{
    assert_same ("li\xcc\x87sa", "lisa");
    assert_same ("admi\xcc\x87n", "admin");
    assert_same ("j\xcc\x87o", "jo");
    assert_same ("\xe1\xbb\x8b\xcc\x87x", "\xe1\xbb\x8bx"); /* with a dot below as well */
    assert_same ("lıi\xcc\x87", "lii");
    assert_differ ("\xc5\xbc"
                   "al",
                   "zal"); /* z has none of its own    */
}

static void letters_one_can_tell_apart_differ (void **state)
{
    assert_differ ("иван", "ivan");
    assert_differ ("вова", "boba");
    assert_differ ("вова", "BOBA");
    assert_differ ("тома", "toma");
    assert_differ ("нина", "huha");
    assert_differ ("кот", "kot");
    assert_differ ("東", "束");
    assert_differ ("bob", "bob2");
}

/*  --- joiners ---------------------------------------------------------------  */

#define ZWNJ "\xe2\x80\x8c"
#define ZWJ  "\xe2\x80\x8d"

/*  UAX 31, 2.3.1: A1, A2, B.                                                  */
static void joiners_stand_where_they_join (void **state)
{
    assert_allowed ("می" ZWNJ "خواهم");
    assert_same ("می" ZWNJ "خواهم", "میخواهم");
    assert_allowed ("क्" ZWNJ "ष");
    assert_same ("क्" ZWNJ "ष", "क्ष");
    assert_allowed ("क्" ZWJ "ष");
    assert_allowed ("ന്" ZWJ); /* a chillu as it was written before it had a letter */
    assert_same ("അവന്" ZWJ, "അവന്");
    assert_refused (frame_str ("a" ZWNJ "b"), "invisible");
    assert_refused (frame_str ("и" ZWJ "в"), "invisible");
    assert_refused (frame_str (ZWNJ "می"), "invisible");
    assert_refused (frame_str ("می" ZWNJ), "invisible");
    assert_refused (frame_str ("د" ZWNJ "د"), "invisible"); /* they do not join anyway */
    assert_refused (frame_str ("ک" ZWJ "ک"), "invisible");
    assert_refused (frame_str ("می" ZWNJ ZWNJ "خواهم"), "invisible");
    assert_refused (frame_str ("क" ZWNJ "ष"), "invisible");
    assert_refused (frame_str ("क्" ZWJ "ा"), "invisible"); /* a vowel sign behind it  */
}

/*  --- forms -----------------------------------------------------------------  */

static void assert_composed (const char *name, const char *expected)
{
    char composed[ZCHAT_NAME_MAX];
    frame_t made = name_compose (frame_str (name), composed);
    if (!frame_is (made, expected))
        fail_msg ("%s becomes %.*s", name, (int)made.size, (const char *)made.data);
}

static void names_are_composed (void **state)
{
    assert_composed ("Jose\xcc\x81", "José");
    assert_composed ("и\xcc\x86", "й");
    assert_composed ("\xe1\x84\x80\xe1\x85\xa1", "가");
    assert_composed ("q\xcc\x81\xcc\xa3", "q\xcc\xa3\xcc\x81");
    assert_composed ("bob", "bob");
    assert_composed ("", "");
    assert_composed ("\xff\xcc\x81", "\xff\xcc\x81");
    char composed[ZCHAT_NAME_MAX], name[ZCHAT_NAME_FORM_MAX + 4];
    fill (name, sizeof name, frame_str ("e\xcc\x81 "));
    frame_t made = name_compose (frame_of (name, 32 * 4), composed);
    assert_int_equal (made.size, 32 * 3);
    made = name_compose (frame_of (name, sizeof name), composed); /* too long: as it is */
    assert_ptr_equal (made.data, name);
    assert_int_equal (made.size, sizeof name);
}

/*  --- what never changes ----------------------------------------------------  */

/*  A log calls bans and mailboxes after these: they are as the first release wrote them. */
static void who_stays_as_it_was (void **state)
{
    static const char *const whos[][2] = {
        {"Bob", "bob"},
        {"rnaria", "rnaria"},
        {"pauI", "paui"},
        {"b0b", "b0b"},
        {"сор", "cop"},
        {"иван", "ᴎʙaʜ"},
        {"Иван", "иʙaʜ"},
        {"ΝΟΚΙΑ", "nokia"},
        {"Straße", "strasse"},
        {"か", "か"},
        {"li\xcc\x87sa", "li\xcc\x87sa"},
    };
    char who[NAME_KEY_MAX + 1];
    for (size_t i = 0; i < sizeof whos / sizeof *whos; i++) {
        name_who (frame_str (whos[i][0]), who);
        assert_string_equal (who, whos[i][1]);
    }
}

static void assert_sounds (const char *name, const char *model, bool expected)
{
    name_keys_t one, other;
    char sounds[2][NAME_KEY_MAX + 1], models[2][NAME_KEY_MAX + 1];
    assert_int_equal (name_check (frame_str (name), &one, NULL), ZCHAT_OK);
    assert_int_equal (name_check (frame_str (model), &other, NULL), ZCHAT_OK);
    name_sound (one.fold, sounds[0]);
    name_sound (one.look, sounds[1]);
    name_sound (other.fold, models[0]);
    name_sound (other.look, models[1]);
    bool same = !strcmp (sounds[0], models[0]) || !strcmp (sounds[0], models[1]) ||
                !strcmp (sounds[1], models[0]) || !strcmp (sounds[1], models[1]);
    if (same != expected)
        fail_msg ("%s and %s: %d", name, model, same);
}

static void reserved_names_are_heard_in_disguise (void **state)
{
    assert_sounds ("admi\xcc\x87n", "admin", true);
    assert_sounds ("adrnin", "admin", true);
    assert_sounds ("r00t", "root", true);
    assert_sounds ("R0OT", "root", true);
    assert_sounds ("admin_", "admin", true);
    assert_sounds ("a.d-min", "admin", true);
    assert_sounds ("adm1n", "admin", true);
    assert_sounds ("admln", "admin", true);
    assert_sounds ("ádmín", "admin", true);
    assert_sounds ("АДМИН", "админ", true);
    assert_sounds ("operat0r", "operator", true);
    assert_sounds ("madmin", "admin", false);
    assert_sounds ("roof", "root", false);
}

/*  Whatever is allowed has keys within bounds, and its keys are allowed names that
    are the same name, as far as they are not too long.                        */
static void every_letter_keeps_to_the_rules (void **state)
{
    for (uint32_t codepoint = 1; codepoint < 0x110000; codepoint++) {
        char name[ZCHAT_NAME_MAX];
        char letter[4];
        size_t letter_size = text_encode (codepoint, letter);
        name_keys_t one;
        if (name_check (frame_of (letter, letter_size), &one, NULL) != ZCHAT_OK)
            continue;
        name_keys_t fold;
        assert_int_equal (name_check (frame_str (one.fold), &fold, NULL), ZCHAT_OK);
        assert_string_equal (fold.fold, one.fold);
        assert_true (name_same (&one, &fold));
        if (codepoint >= 0x80 && strlen (one.fold) <= letter_size)
            continue;
        /* as many of it as fit: growing letters meet the bound of a key */
        size_t size = 0;
        for (int i = 0; i < ZCHAT_NAME_MAX_CODEPOINTS; i++, size += letter_size)
            memcpy (name + size, letter, letter_size);
        name_keys_t many;
        const char *why = "";
        if (name_check (frame_of (name, size), &many, &why) == ZCHAT_OK) {
            assert_true (strlen (many.fold) <= NAME_KEY_MAX);
            assert_true (strlen (many.look) <= NAME_KEY_MAX);
        } else
            assert_null (strstr (why, "too many"));
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_of_the_world_are_allowed),
        cmocka_unit_test (lengths_are_counted_in_code_points),
        cmocka_unit_test (what_is_no_letter_is_refused),
        cmocka_unit_test (what_cannot_be_seen_is_refused),
        cmocka_unit_test (bad_bytes_are_refused),
        cmocka_unit_test (a_name_says_something),
        cmocka_unit_test (only_nfc_is_allowed),
        cmocka_unit_test (marks_do_not_pile_up),
        cmocka_unit_test (a_letter_that_stands_for_a_sign_is_refused),
        cmocka_unit_test (alphabets_that_look_alike_do_not_mix),
        cmocka_unit_test (case_and_compatibility_fold),
        cmocka_unit_test (letters_that_look_alike_are_one),
        cmocka_unit_test (digits_and_pairs_of_letters_are_what_they_look_like),
        cmocka_unit_test (capitals_are_read_as_capitals),
        cmocka_unit_test (a_dot_above_a_dot_is_not_seen),
        cmocka_unit_test (letters_one_can_tell_apart_differ),
        cmocka_unit_test (joiners_stand_where_they_join),
        cmocka_unit_test (names_are_composed),
        cmocka_unit_test (who_stays_as_it_was),
        cmocka_unit_test (reserved_names_are_heard_in_disguise),
        cmocka_unit_test (every_letter_keeps_to_the_rules),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
