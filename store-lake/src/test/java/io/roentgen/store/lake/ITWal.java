// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ITWal {
  private static final int HEADER_BYTES = 24;
  private static final long SEGMENT = 7;

  @TempDir Path folder;

  private final LogCapture log = LogCapture.of(Wal.class);
  private final TestTraces traces = new TestTraces();
  private final List<Frame> frames = new ArrayList<>();
  private final FaultyDisk disk = new FaultyDisk();

  /** A frame as it was written, or as it was read. */
  private record Frame(long sequence, List<Span> spans, int length) {
    private Frame(long sequence, SpanBatch batch) {
      this(sequence, batch.toSpans(), HEADER_BYTES + batch.length());
    }
  }

  @BeforeEach
  void writeThreeFrames() throws IOException {
    try (Wal wal = Wal.open(folder, disk)) {
      wal.roll(SEGMENT);
      for (int i = 0; i < 3; i++) {
        append(wal, 100 + 10 * i);
      }
    }
  }

  @AfterEach
  void stopCapture() {
    log.close();
  }

  private void append(Wal wal, long sequence) {
    PendingWrite write = write(sequence);
    wal.append(List.of(write));
    frames.add(new Frame(sequence, write.batch()));
  }

  private PendingWrite write(long sequence) {
    PendingWrite write = new PendingWrite(SpanBatch.of(List.of(traces.single(), traces.single())));
    write.sequence(sequence);
    return write;
  }

  private Path segment() {
    return folder.resolve("%016d.wal".formatted(SEGMENT));
  }

  private int start(int frame) {
    return frames.subList(0, frame).stream().mapToInt(Frame::length).sum();
  }

  private List<Frame> without(int frame) {
    List<Frame> rest = new ArrayList<>(frames);
    rest.remove(frame);
    return rest;
  }

  private record Replayed(List<Frame> frames, int damaged) {}

  private Replayed replay() throws IOException {
    log.clear();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".damaged")).toList()) {
        Files.delete(file);
      }
    }
    List<Frame> read = new ArrayList<>();
    try (Wal wal = Wal.open(folder, disk)) {
      int damaged =
          wal.replay(SEGMENT, (_, batch, sequence) -> read.add(new Frame(sequence, batch)));
      return new Replayed(read, damaged);
    }
  }

  private byte[] damagedCopy() throws IOException {
    return Files.readAllBytes(folder.resolve("%016d.0.damaged".formatted(SEGMENT)));
  }

  @Test
  void replay_lastFrameCutAnywhere_givesTheFramesBeforeAndWarns() throws IOException {
    byte[] whole = Files.readAllBytes(segment());
    for (int end = start(2) + 1; end < whole.length; end++) {
      Files.write(segment(), Arrays.copyOf(whole, end));

      assertThat(replay()).as("cut at %d", end).isEqualTo(new Replayed(without(2), 0));
      assertThat(log.at(Level.WARN))
          .singleElement()
          .asString()
          .contains("unfinished frame", segment().toString(), "offset=" + start(2));
      assertThat(log.at(Level.ERROR)).isEmpty();
      assertThat(damagedCopy()).isEqualTo(Arrays.copyOfRange(whole, start(2), end));
    }
  }

  @Test
  void replay_cutBetweenFrames_saysNothing() throws IOException {
    Files.write(segment(), Arrays.copyOf(Files.readAllBytes(segment()), start(2)));

    assertThat(replay()).isEqualTo(new Replayed(without(2), 0));
    assertThat(log.at(Level.WARN)).isEmpty();
  }

  @Test
  void replay_anyByteChanged_losesThatFrameAloneAndSaysWhere() throws IOException {
    byte[] whole = Files.readAllBytes(segment());
    for (int frame = 0; frame < 3; frame++) {
      int end = start(frame) + frames.get(frame).length();
      for (int at = start(frame); at < end; at++) {
        byte[] changed = whole.clone();
        changed[at] ^= 0x10;
        Files.write(segment(), changed);

        assertThat(replay()).as("byte %d", at).isEqualTo(new Replayed(without(frame), 1));
        assertThat(log.at(Level.ERROR))
            .singleElement()
            .asString()
            .contains("damaged", segment().toString(), "offset=" + start(frame), ".0.damaged");
        assertThat(damagedCopy()).isEqualTo(Arrays.copyOfRange(changed, start(frame), end));
      }
    }
  }

  @Test
  void replay_twoDamagedFrames_keepsBothCopies() throws IOException {
    TestLake.flip(segment(), 3);
    TestLake.flip(segment(), start(2) + HEADER_BYTES + 5);

    assertThat(replay()).isEqualTo(new Replayed(List.of(frames.get(1)), 2));
    assertThat(log.at(Level.ERROR)).hasSize(2);
    assertThat(damagedCopy()).hasSize(frames.get(0).length());
    assertThat(folder.resolve("%016d.1.damaged".formatted(SEGMENT)))
        .hasSize(frames.get(2).length());
  }

  @Test
  void replay_lengthFarTooLargeUnderAGoodChecksum_readsTheFramesBehind() throws IOException {
    for (int length :
        new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - HEADER_BYTES, -1, Integer.MIN_VALUE}) {
      byte[] bytes = Files.readAllBytes(segment());
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      buffer.putInt(start(1) + 4, length);
      CRC32C crc = new CRC32C();
      crc.update(bytes, start(1), HEADER_BYTES - 4);
      buffer.putInt(start(1) + HEADER_BYTES - 4, (int) crc.getValue());
      Files.write(segment(), bytes);

      assertThat(replay()).as("length %d", length).isEqualTo(new Replayed(without(1), 1));
    }
  }

  @Test
  void replay_emptySegment_givesNothing() throws IOException {
    Files.write(segment(), new byte[0]);

    assertThat(replay()).isEqualTo(new Replayed(List.of(), 0));
    assertThat(log.at(Level.WARN)).isEmpty();
  }

  @Test
  void replay_garbage_givesNothingAndKeepsItAside() throws IOException {
    byte[] garbage = new byte[100_000];
    new Random(3).nextBytes(garbage);
    Files.write(segment(), garbage);

    assertThat(replay()).isEqualTo(new Replayed(List.of(), 1));
    assertThat(log.at(Level.ERROR)).hasSize(1);
    assertThat(damagedCopy()).isEqualTo(garbage);
  }

  @Test
  void replay_garbageBeforeFrames_readsThem() throws IOException {
    byte[] whole = Files.readAllBytes(segment());
    Files.write(segment(), "RWAL and then something else".getBytes(StandardCharsets.US_ASCII));
    Files.write(segment(), whole, StandardOpenOption.APPEND);

    assertThat(replay()).isEqualTo(new Replayed(frames, 1));
  }

  @Test
  void segments_otherFiles_areLeftAlone() throws IOException {
    Files.createFile(folder.resolve("notes.wal"));
    Files.createFile(folder.resolve("12.wal"));
    Files.createFile(folder.resolve("0000000000000001.0.damaged"));

    try (Wal wal = Wal.open(folder, disk)) {
      assertThat(wal.segments()).containsExactly(SEGMENT);
    }
  }

  @Test
  void append_diskFullAtAnyByte_leavesNothingOfTheGroup() throws IOException {
    int size = HEADER_BYTES + write(1).batch().length();
    try (Wal wal = Wal.open(folder, disk)) {
      wal.delete(SEGMENT);
      wal.roll(SEGMENT);
      frames.clear();
      for (int room = 0; room < 3 * size; room += 13) {
        disk.room(room);
        List<PendingWrite> group = List.of(write(1), write(2), write(3));
        assertThatThrownBy(() -> wal.append(group))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessage(
                "cannot write to "
                    + segment()
                    + ": No space left on device; free disk space or check the disk");
        disk.room(Long.MAX_VALUE);
        assertThat(replay()).isEqualTo(new Replayed(frames, 0));
        append(wal, room + 10);
      }
    }
    assertThat(replay()).isEqualTo(new Replayed(frames, 0));
  }

  @Test
  void append_syncFails_isRefusedAndLeavesNothingBehindOnceTheDiskIsBack() throws IOException {
    try (Wal wal = Wal.open(folder, disk)) {
      wal.delete(SEGMENT);
      wal.roll(SEGMENT);
      frames.clear();
      append(wal, 1);
      disk.failsToSync(true);
      assertThatThrownBy(() -> wal.append(List.of(write(5))))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("Input/output error");
      disk.failsToSync(false);
      append(wal, 9);
    }
    assertThat(replay()).isEqualTo(new Replayed(frames, 0));
  }

  @Test
  void roll_afterAWriteThatCouldNotBeCutBack_cutsItFirst() throws IOException {
    try (Wal wal = Wal.open(folder, disk)) {
      wal.delete(SEGMENT);
      wal.roll(SEGMENT);
      frames.clear();
      append(wal, 1);
      disk.failsToSync(true);
      disk.failsToTruncate(true);
      assertThatThrownBy(() -> wal.append(List.of(write(5))))
          .isInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> wal.roll(SEGMENT + 1)).isInstanceOf(IOException.class);
      disk.failsToSync(false);
      disk.failsToTruncate(false);
      wal.roll(SEGMENT + 1);
    }
    assertThat(replay()).isEqualTo(new Replayed(frames, 0));
  }

  @Test
  void roll_noFileCanBeMade_goesOnInTheSegmentBefore() throws IOException {
    try (Wal wal = Wal.open(folder, disk)) {
      wal.delete(SEGMENT);
      wal.roll(SEGMENT);
      frames.clear();
      append(wal, 1);
      disk.failsToOpen(true);
      assertThatThrownBy(() -> wal.roll(SEGMENT + 1)).isInstanceOf(IOException.class);
      append(wal, 5);
      disk.failsToOpen(false);
      wal.roll(SEGMENT + 1);
      assertThat(wal.segments()).containsExactly(SEGMENT, SEGMENT + 1);
    }
    assertThat(replay()).isEqualTo(new Replayed(frames, 0));
  }
}
