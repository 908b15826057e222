<?php

declare(strict_types=1);

namespace Reco;

use FFI;
use FFI\CData;

use function count;
use function strlen;

/**
 * Questions in C memory, which is kept from one call to the next: reco_query after reco_query, and one block of texts
 * into which their pointers point.
 *
 * @internal
 */
final class RecoQueries
{
    /** One reco_query, or as many as the largest batch had. */
    public CData $queries;

    /** One uint32_t for each query. */
    public CData $counts;
    private int $length = 0;
    private readonly int $size;

    /** Texts on their way in. */
    private CData $texts;
    private int $textsLength = 0;

    /** The reco_lives that questions point to. */
    private CData $lives;
    private int $livesLength = 0;

    public function __construct(
        private readonly FFI $ffi,
        /** More hits than this no answer has. */
        private readonly int $itemCount,
    ) {
        $this->size = FFI::sizeof($ffi->type('reco_query'));
    }

    /** How many hits the answer can have, whatever limit was asked for. */
    public function room(RecoQuestion $question): int
    {
        if ($question->candidates !== null) {
            $all = count($question->candidates);

            return $question->limit === 0 ? $all : min($question->limit, $all);
        }

        return min($question->limit, max(1, $this->itemCount));
    }

    /**
     * Copies questions into C memory. Live values that a question shares with the one before
     * it are copied once.
     *
     * @param non-empty-array<RecoQuestion> $questions
     */
    public function put(array $questions): void
    {
        $length = 0;
        $lives = 0;
        $before = [];
        foreach ($questions as $question) {
            $length += $this->textLength($question);
            if ($question->live !== $before) {
                $before = $question->live;
                $lives += count($before);
                foreach ($before as $live) {
                    $length += strlen($live['name']) + strlen($live['items']) + strlen($live['values']) + 8;
                }
            }
        }
        $this->makeRoom(count($questions), $length);
        if ($lives > $this->livesLength) {
            $this->lives = $this->ffi->new("reco_live[$lives]");
            $this->livesLength = $lives;
        }
        $at = 0;
        $block = '';
        $place = 0;
        $live = 0;
        $before = [];
        foreach ($questions as $question) {
            $query = $this->queries[$place];
            $this->write($query, $question, $block, $at);
            if ($question->live !== $before) {
                $before = $question->live;
                $this->writeLive($live, $before, $block, $at);
                $live += count($before);
            }
            if ($before !== []) {
                $query->live = $this->lives + ($live - count($before));
                $query->live_count = count($before);
            }
            $place++;
        }
        if ($block !== '') {
            FFI::memcpy($this->texts, $block, strlen($block));
        }
    }

    /**
     * Fills reco_lives from number `$first` on; the numbers come first, where they stand at a multiple of 8.
     *
     * @param list<array{name: string, items: string, values: string, count: int}> $lives
     */
    private function writeLive(int $first, array $lives, string &$block, int &$at): void
    {
        foreach ($lives as $place => $given) {
            $padding = -$at & 7;
            $block .= str_repeat("\0", $padding) . $given['values'] . $given['items'] . $given['name'];
            $live = $this->lives[$first + $place];
            $at += $padding;
            $live->values = $this->ffi->cast('double *', $this->texts + $at);
            $live->values_count = $given['count'];
            $at += strlen($given['values']);
            $live->items = $this->texts + $at;
            $live->items_length = strlen($given['items']);
            $at += strlen($given['items']);
            $live->name = $this->texts + $at;
            $live->name_length = strlen($given['name']);
            $at += strlen($given['name']);
        }
        $padding = -$at & 3;
        $block .= substr("\0\0\0", 0, $padding);
        $at += $padding;
    }

    private function textLength(RecoQuestion $question): int
    {
        $length = strlen($question->ages) + strlen($question->kinds) + 8;
        foreach ($question->texts as $text) {
            $length += strlen($text);
        }

        return $length;
    }

    /** Fills a reco_query in place; `$block` collects what its pointers will point at, from offset `$at`. */
    private function write(CData $query, RecoQuestion $question, string &$block, int &$at): void
    {
        $query->struct_size = $this->size;
        $query->flags = $question->flags;
        $query->limit = $question->limit === 0 ? 0 : $this->room($question);
        $query->diversity = $question->diversity;
        $query->time = $question->time;
        if ($question->kinds !== '') {
            $count = strlen($question->kinds);
            $query->session_ages = $this->ffi->cast('float *', $this->texts + $at);
            $query->session_ages_count = $count;
            $query->session_kinds = $this->texts + ($at + 4 * $count);
            $query->session_kinds_count = $count;
            $block .= $question->ages . $question->kinds;
            $at += 5 * $count;
        }
        foreach ($question->texts as $field => $text) {
            $length = strlen($text);
            $query->{$field} = $this->texts + $at;
            $query->{"{$field}_length"} = $length;
            $block .= $text;
            $at += $length;
        }
        $padding = -$at & 3;
        if ($padding !== 0) {
            $block .= substr("\0\0\0", 0, $padding);
            $at += $padding;
        }
    }

    private function makeRoom(int $queries, int $texts): void
    {
        if ($queries > $this->length) {
            $this->queries = $this->ffi->new("reco_query[$queries]");
            $this->counts = $this->ffi->new("uint32_t[$queries]");
            $this->length = $queries;
        } else {
            FFI::memset($this->queries, 0, $queries * $this->size);
        }
        if ($texts > $this->textsLength) {
            $length = max(1024, $texts);
            $this->texts = $this->ffi->new("uint8_t[$length]");
            $this->textsLength = $length;
        }
    }
}
