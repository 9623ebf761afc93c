/*  test_budget.c - who holds how much of a table that all share               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/budget.h"
#include "memory.h"
#include <stdio.h>

typedef struct {
    budget_t *budget;
    budget_item_t items[64];
    size_t n;
} table_t;

static int setup (void **state)
{
    table_t *table = memory_zero (sizeof *table);
    table->budget = budget_new ();
    *state = table;
    return 0;
}

static int teardown (void **state)
{
    table_t *table = *state;
    for (size_t i = 0; i < table->n; i++)
        budget_release (table->budget, &table->items[i]);
    assert_int_equal (budget_holders (table->budget), 0);
    budget_destroy (&table->budget);
    free (table);
    return 0;
}

static budget_item_t *charge (table_t *table, const char *path, uint64_t age)
{
    budget_item_t *item = &table->items[table->n++];
    budget_charge (table->budget, item, path, age);
    return item;
}

static void test_greediest_gives_way (void **state)
{
    table_t *table = *state;
    assert_null (budget_yields (table->budget, "bob"));
    (void)charge (table, "anna", 1);
    assert_null (budget_yields (table->budget, "bob"));
    budget_item_t *first = charge (table, "eve", 2), *second = charge (table, "eve", 3);
    assert_ptr_equal (budget_yields (table->budget, "bob"), first);
    assert_ptr_equal (budget_yields (table->budget, "eve"), first);
    budget_touch (first, 4);
    assert_ptr_equal (budget_yields (table->budget, "bob"), second);
    budget_release (table->budget, second);
    assert_null (budget_yields (table->budget, "bob"));
    /*  Who has as much as anybody gives way to themselves.                    */
    assert_ptr_equal (budget_yields (table->budget, "anna"), &table->items[0]);
}

static void test_own_gives_way_among_equals (void **state)
{
    table_t *table = *state;
    (void)charge (table, "anna", 1);
    (void)charge (table, "anna", 2);
    budget_item_t *eve = charge (table, "eve", 3);
    (void)charge (table, "eve", 4);
    assert_ptr_equal (budget_yields (table->budget, "eve"), eve);
    assert_ptr_equal (budget_yields (table->budget, "anna"), &table->items[0]);
    assert_ptr_equal (budget_yields (table->budget, "bob"), &table->items[0]);
}

/*  Many names behind one address are one place; within it they are apart.     */
static void test_places (void **state)
{
    table_t *table = *state;
    budget_item_t *honest = charge (table, "home/anna", 1);
    (void)charge (table, "home/anna", 2);
    char path[BUDGET_PATH_MAX + 1];
    for (int i = 0; i < 8; i++) {
        snprintf (path, sizeof path, "net/sub%d/eve%d", i / 4, i);
        (void)charge (table, path, 10 + (uint64_t)i);
    }
    assert_int_equal (budget_held (table->budget, "net/sub1/eve4", 1), 8);
    assert_int_equal (budget_held (table->budget, "net/sub1/eve4", 2), 4);
    assert_int_equal (budget_held (table->budget, "net/sub1/eve4", 3), 1);
    assert_ptr_not_equal (budget_yields (table->budget, "other/bob"), honest);
    assert_string_equal (budget_path (budget_yields (table->budget, "other/bob")), "net/sub0/eve0");
    /*  A name that has none yet takes from the place it comes from.           */
    assert_string_equal (budget_path (budget_yields (table->budget, "net/sub1/new")),
                         "net/sub1/eve4");
}

static void test_neighbour_of_an_attacker (void **state)
{
    table_t *table = *state;
    (void)charge (table, "net/anna", 1);
    (void)charge (table, "net/anna", 2);
    budget_item_t *first = charge (table, "net/eve", 3);
    for (int i = 0; i < 9; i++)
        (void)charge (table, "net/eve", 4);
    assert_ptr_equal (budget_yields (table->budget, "net/anna"), first);
    assert_ptr_equal (budget_yields (table->budget, "far/bob"), first);
}

static void test_firm_gives_way_last (void **state)
{
    table_t *table = *state;
    budget_item_t *shared = charge (table, "eve", 1), *own = charge (table, "eve", 2);
    budget_firm (shared);
    budget_firm (shared);
    assert_ptr_equal (budget_yields (table->budget, "bob"), own);
    budget_release (table->budget, own);
    (void)charge (table, "anna", 9);
    assert_ptr_equal (budget_yields (table->budget, "eve"), shared);
}

/*  What is loaded comes in any order.                                         */
static void test_sorted_by_age (void **state)
{
    table_t *table = *state;
    (void)charge (table, "eve", 7);
    budget_item_t *oldest = charge (table, "eve", 3), *next = charge (table, "eve", 5);
    assert_ptr_equal (budget_yields (table->budget, "bob"), oldest);
    budget_release (table->budget, oldest);
    assert_ptr_equal (budget_yields (table->budget, "bob"), next);
}

/*  Against a count of all, by a simple walk.                                  */
static void test_random (void **state)
{
    enum { PATHS = 12, STEPS = 20000 };
    static const char *const paths[PATHS] = {"a",   "b",     "c/x",   "c/y",   "d/x/1", "d/x/2",
                                             "d/y", "d/z/1", "d/z/2", "e/f/g", "e/f/h", "c/z"};
    table_t *table = *state;
    size_t held[PATHS] = {0};
    unsigned seed = 7;
    int of[64];
    table->n = 64;
    for (int i = 0; i < 64; i++)
        of[i] = -1;
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1103515245u + 12345u;
        unsigned at = (seed >> 16) % 64, to = (seed >> 8) % PATHS;
        if (of[at] < 0) {
            budget_charge (table->budget, &table->items[at], paths[to], (uint64_t)step);
            of[at] = (int)to;
            held[to]++;
        } else {
            held[of[at]]--;
            of[at] = -1;
            budget_release (table->budget, &table->items[at]);
        }
        size_t most = 0, sums[PATHS] = {0};
        for (int i = 0; i < PATHS; i++) {
            for (int j = 0; j < PATHS; j++)
                sums[i] += paths[i][0] == paths[j][0] ? held[j] : 0;
            most = sums[i] > most ? sums[i] : most;
            assert_int_equal (budget_held (table->budget, paths[i], 1), sums[i]);
            assert_int_equal (budget_held (table->budget, paths[i], BUDGET_DEPTH), held[i]);
        }
        const budget_item_t *yields = budget_yields (table->budget, "nobody");
        assert_int_equal (yields != NULL, most > 1);
        if (yields)
            assert_int_equal (budget_held (table->budget, budget_path (yields), 1), most);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_greediest_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown (test_own_gives_way_among_equals, setup, teardown),
        cmocka_unit_test_setup_teardown (test_places, setup, teardown),
        cmocka_unit_test_setup_teardown (test_neighbour_of_an_attacker, setup, teardown),
        cmocka_unit_test_setup_teardown (test_firm_gives_way_last, setup, teardown),
        cmocka_unit_test_setup_teardown (test_sorted_by_age, setup, teardown),
        cmocka_unit_test_setup_teardown (test_random, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
