// SPDX-License-Identifier: Apache-2.0
/**
 * The connmix dialect: a push gateway for backends, and the clients it pushes to. See {@link
 * io.dragoman.gateway.connmix.ConnmixGateway}.
 */
@NullMarked
package io.dragoman.gateway.connmix;

import org.jspecify.annotations.NullMarked;
