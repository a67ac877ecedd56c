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


#include <sys/types.h>

#include <stdlib.h>
#include <unistd.h>

#include "engine-estate.h"

int
estate_start(void)
{
	return (0);
}

void
estate_twin_main(void)
{
	exit(0);
}

void
estate_socket(int fd)
{
	close(fd);
}

void
estate_inherit(struct event_base *base, int fd)
{
	(void)base;
	close(fd);
}

void
estate_accepting(uint32_t key)
{
	(void)key;
}

void
estate_took(int fd, uint32_t key)
{
	(void)fd;
	(void)key;
}

void
estate_sending(int fd, const struct engine_ref *ref, uint64_t seq)
{
	(void)fd;
	(void)ref;
	(void)seq;
}

void
estate_settled(int fd)
{
	(void)fd;
}
