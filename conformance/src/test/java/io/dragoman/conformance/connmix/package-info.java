// SPDX-License-Identifier: Apache-2.0
/**
 * What backends and clients of the connmix protocol are promised, tested against a started broker.
 */
package io.dragoman.conformance.connmix;
