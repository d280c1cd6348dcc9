/* SPDX-License-Identifier: MIT */
/*
 * A program outside the tree. It sees what an installation or a subproject gives, and nothing else;
 * it fails when the header and the library that it met are of two releases.
 */
#include <stdio.h>
#include <string.h>

#include <qlink/qlink.h>

int main(void)
{
	struct qlink *q;
	int error = qlink_new(&q);

	if (error < 0) {
		fprintf(stderr, "qlink_new: %s\n", qlink_strerror(error));
		return 1;
	}
	qlink_free(q);
	printf("libqlink %s\n", qlink_version());
	return strcmp(qlink_version(), QLINK_VERSION) != 0;
}
