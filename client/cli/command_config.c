/*  command_config.c - zchat config: what the config file says                 */
#include "settings_file.h"
#include "subcommands.h"
#include "tool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print (const char *text)
{
    char *shown = zchat_text_display (text, strlen (text), false);
    fputs (shown, stdout);
    free (shown);
}

/*  Print a sample: every setting with its default, as a remark.               */
static void sample (void)
{
    static const char *const examples[SETTING_COUNT] = {
        [SETTING_BROKER] = "@lab",        [SETTING_NICK] = "maria",
        [SETTING_AUTOJOIN] = "lobby dev", [SETTING_HIGHLIGHT] = "release outage",
        [SETTING_MUTE] = "random bot",    [SETTING_NOTIFY] = "notify-send zchat",
    };
    puts ("# zchat's config file; \"zchat config\" says where it is, and /set in the chat changes "
          "it.\n"
          "# Options and the environment win over it.\n"
          "\n"
          "# Brokers by name, for zchat @lab. Indented lines behind one hold for it alone.\n"
          "#@lab = \"zchat://chat.example.org:5680/KEY\"\n"
          "#    nick = \"maria\"\n"
          "#    autojoin = \"dev ci\"");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *about = settings_about ((setting_t)i), *value = settings_default ((setting_t)i);
        printf ("\n# %s\n#%s = \"%s\"\n", about, settings_name ((setting_t)i),
                examples[i] ? examples[i] : value);
    }
}

int command_config (const options_t *options)
{
    const settings_file_t *file = options->settings_file;
    const settings_t *settings = settings_file_settings (file);
    const char *path = settings_file_path (file), *broker;
    if (options->sample)
        sample ();
    else {
        printf ("# ");
        print (*path ? path : "no place for a config file: HOME is not set");
        puts ("");
        for (size_t i = 0; i < SETTING_COUNT; i++) {
            size_t line = 0;
            const char *value = settings_get (settings, NULL, (setting_t)i, &line);
            printf ("%s = \"", settings_name ((setting_t)i));
            print (value ? value : settings_default ((setting_t)i));
            if (value)
                printf ("\" # line %zu\n", line);
            else
                puts ("\"");
        }
        for (size_t i = 0; (broker = settings_broker_at (settings, i)); i++) {
            printf ("@%s = \"", broker);
            print (settings_broker (settings, broker, NULL));
            puts ("\"");
        }
    }
    return fflush (stdout) != 0 || ferror (stdout) ? OUTCOME_SYSTEM : OUTCOME_OK;
}
