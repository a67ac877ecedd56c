/*
 * Copyright (c) 2026 The pm2d contributors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */


/*
 * Readers of the values of keys, for the table of procfile-keys.c.
 */
#ifndef PM2CTL_PROCFILE_KEYS_H
#define PM2CTL_PROCFILE_KEYS_H

#include "procfile.h"

typedef void	 pf_handler(struct pf_app *, const struct pf_key *,
		    const struct pf_node *);

pf_handler	 key_string, key_path, key_flag, key_noflag, key_list,
		 key_word, key_number;
pf_handler	 key_name, key_script, key_args, key_interpreter_args,
		 key_exec_mode, key_instances, key_append_env, key_prefix;
pf_handler	 key_env, key_secret, key_secret_file, key_filter_env;
pf_handler	 key_log_file, key_stop_codes, key_cron, key_watch,
		 key_watch_options, key_depends, key_health, key_user,
		 key_group, key_group_of;
pf_handler	 key_must_be_true, key_meaningless, key_ignored, key_later;

/* env_NAME, chosen or not; what is no key at all; what is left at the end */
void	 key_env_named(struct pf_app *, const struct pf_node *);
void	 key_variable(struct pf_app *, const struct pf_node *);
void	 key_finish(struct pf_app *);

#endif /* PM2CTL_PROCFILE_KEYS_H */
