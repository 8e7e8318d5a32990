// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.Capacity;
import io.roentgen.examples.shop.v1.GetCapacityRequest;
import io.roentgen.examples.shop.v1.TableAdminServiceGrpc;

/** Changes the capacity of the table while it runs. */
final class TableAdmin extends TableAdminServiceGrpc.TableAdminServiceImplBase {
  private final ProductTable table;

  TableAdmin(ProductTable table) {
    this.table = table;
  }

  @Override
  public void setCapacity(Capacity request, StreamObserver<Capacity> responses) {
    try {
      table.setCapacity(request.getReadUnits(), request.getWriteUnits());
    } catch (IllegalArgumentException e) {
      throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException();
    }
    getCapacity(GetCapacityRequest.getDefaultInstance(), responses);
  }

  @Override
  public void getCapacity(GetCapacityRequest request, StreamObserver<Capacity> responses) {
    responses.onNext(
        Capacity.newBuilder()
            .setReadUnits(table.readUnits())
            .setWriteUnits(table.writeUnits())
            .build());
    responses.onCompleted();
  }
}
