<?php

declare(strict_types=1);

namespace Reco;

use Throwable;

/** Everything that reco throws: `catch (RecoException $problem)` is enough to show the page without a slot. */
interface RecoException extends Throwable
{
}
