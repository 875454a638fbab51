// SPDX-License-Identifier: Apache-2.0
/** What clients of the Eventhub protocol are promised, tested against a started broker. */
package io.dragoman.conformance.eventhub;
