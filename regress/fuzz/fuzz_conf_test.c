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
 * What the fuzzer has found worth keeping, once more; and each of it cut
 * short, and with a byte changed.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "fuzz.h"

#define INPUT_MAX	8192

static void
variations(uint8_t *data, size_t len)
{
	static const uint8_t	 bytes[] = "\"\\{}$#,=\n :09a";
	size_t			 i;
	uint8_t			 was;

	(void)LLVMFuzzerTestOneInput(data, len);
	for (i = 0; i < len; i++) {
		(void)LLVMFuzzerTestOneInput(data, i);
		was = data[i];
		data[i] = bytes[i % sizeof(bytes)];
		(void)LLVMFuzzerTestOneInput(data, len);
		data[i] = was;
	}
}

ATF_TC_WITHOUT_HEAD(corpus__again);
ATF_TC_BODY(corpus__again, tc)
{
	static uint8_t	 data[INPUT_MAX];
	struct dirent	*de;
	char		 path[4096];
	size_t		 len, n = 0;
	FILE		*fp;
	DIR		*dir;

	snprintf(path, sizeof(path), "%s/corpus-conf",
	    atf_tc_get_config_var(tc, "srcdir"));
	ATF_REQUIRE_MSG((dir = opendir(path)) != NULL, "%s", path);
	while ((de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/corpus-conf/%s",
		    atf_tc_get_config_var(tc, "srcdir"), de->d_name);
		ATF_REQUIRE((fp = fopen(path, "r")) != NULL);
		len = fread(data, 1, sizeof(data), fp);
		fclose(fp);
		variations(data, len);
		n++;
	}
	closedir(dir);
	ATF_CHECK_MSG(n >= 10, "only %zu inputs", n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, corpus__again);
	return (atf_no_error());
}
