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

#include <string.h>

#include "health-rule.h"

void
health_rule_begin(struct health_rule *r)
{
	memset(r, 0, sizeof(*r));
	r->state = HEALTH_UNKNOWN;
}

enum health_verdict
health_rule_good(struct health_rule *r)
{
	enum app_health	 was = r->state;

	r->state = HEALTH_GOOD;
	r->failed = 0;
	r->proven = 1;
	return (was == HEALTH_GOOD ? HEALTH_SAME : HEALTH_TELL);
}

enum health_verdict
health_rule_bad(struct health_rule *r, int grace, uint32_t retries)
{
	enum app_health	 was = r->state;

	if (grace && !r->proven)
		return (HEALTH_SAME);
	if (retries == 0)
		retries = 1;
	r->failed++;
	if (was != HEALTH_BAD)
		r->state = r->failed >= retries ? HEALTH_BAD :
		    HEALTH_FAILING;
	if (r->state == HEALTH_BAD && r->failed % retries == 0)
		return (HEALTH_ACT);
	return (r->state == was ? HEALTH_SAME : HEALTH_TELL);
}
