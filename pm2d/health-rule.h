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
 * What to make of the answers to health checks.  No I/O here.
 */
#ifndef PM2D_HEALTH_RULE_H
#define PM2D_HEALTH_RULE_H

#include <stdint.h>

#include "msg.h"

struct health_rule {
	enum app_health	 state;
	uint32_t	 failed;	/* in a row */
	int		 proven;	/* it was well, since it was started */
};

enum health_verdict {
	HEALTH_SAME,
	HEALTH_TELL,		/* the state is another one */
	HEALTH_ACT		/* as often as it may: do something about it */
};

void	 health_rule_begin(struct health_rule *);
enum health_verdict health_rule_good(struct health_rule *);
/*
 * grace: it was started not long ago, and failures do not count until it was
 * well for the first time.  ACT comes again after as many failures more.
 */
enum health_verdict health_rule_bad(struct health_rule *, int grace,
	    uint32_t retries);

#endif /* PM2D_HEALTH_RULE_H */
