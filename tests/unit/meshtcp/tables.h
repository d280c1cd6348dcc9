/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESHTCP_TABLES_H
#define TESTS_MESHTCP_TABLES_H

#include "schema.h"

/** The messages of sections 5, 7 and 8 that the library decodes into structs alone, as tables: for
 *  tests that want every field of them. */
extern const struct meshtcp_schema table_from_radio, table_to_radio;

/** What stands before the fields of a payload in the vector file; NULL = it is not looked into. */
const char *table_prefix(unsigned port);

#endif
