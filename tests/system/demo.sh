#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demonstration is a whole-program test as well: it fails when a mail that should come does not.
exec "$SOURCE/tests/demo/demo.py" --build "$BUILD"
