// SPDX-License-Identifier: Apache-2.0
/** What clients of one protocol see of those of another: the claims of {@code docs/interop.md}. */
package io.dragoman.conformance.interop;
