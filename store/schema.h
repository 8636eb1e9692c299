// SPDX-License-Identifier: Apache-2.0
// The text of schema.sql, carried in the program.
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

extern const char schema_sql[];

#endif
