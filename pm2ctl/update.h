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
 * Another spec for apps that are known, and their environment among it.
 */
#ifndef PM2CTL_UPDATE_H
#define PM2CTL_UPDATE_H

#include "pm2ctl.h"

/* Copy all of a spec but one key (0: none). 0, or -1 with errno. */
int	 spec_copy(struct spec_buf *, const struct spec *, enum spec_key);
/* The caller's environment, as far as an app with this spec is given it. */
int	 spec_add_shell(struct spec_buf *, const struct spec *);
/*
 * A declared spec with the shell's layer of what is known: without what it
 * says is to be filtered.
 */
int	 spec_keep_shell(struct spec_buf *, const struct spec *declared,
	    const struct spec *known);

/* Nothing may be pending for these: -1 when the connection is lost (said). */

/* UPDATE, and its result. */
int	 update_send(struct ctl *, uint32_t id, const struct spec_buf *,
	    struct ctl_result *);
/* --update-env for one app and all started together with it; 1: said. */
int	 update_env(struct ctl *, uint32_t id);
/*
 * The same for many: ids of those for which it failed (said) are added to
 * the second.
 */
int	 update_envs(struct ctl *, const struct app_list *,
	    const struct selection *, struct selection *);

#endif /* PM2CTL_UPDATE_H */
