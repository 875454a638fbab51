// SPDX-License-Identifier: Apache-2.0
/**
 * Who may connect, and what they may do: JSON Web Tokens and the keys that verify them, the topics
 * that a token opens, its rate limits, and access policies by client and channel. Knows no
 * protocol: gateways find the token in what came over their wire and say in their own words what is
 * refused here.
 *
 * <p>Nothing in this package logs a token, or puts one into an error.
 */
@NullMarked
package io.dragoman.security;

import org.jspecify.annotations.NullMarked;
