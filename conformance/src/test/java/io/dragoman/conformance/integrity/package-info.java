// SPDX-License-Identifier: Apache-2.0
/**
 * Many subscribers and publishers of Eventhub topics at once: what each subscriber is shown is held
 * against what publishers were told.
 */
package io.dragoman.conformance.integrity;
