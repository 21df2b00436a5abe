// Layer × expert maps of the lab point at the same cell.
import type { HeatmapProps } from '../../components/Heatmap';
import { hoverExpert, litExpert, pinExpert, selectLayer, useSelection } from '../../stores/selection';

type Link = Pick<HeatmapProps, 'hovered' | 'onHover' | 'selectedRow' | 'selectedColumn' | 'onSelect'>;

export function useCellLink(): Link {
  const layer = useSelection((state) => state.layer);
  const expert = useSelection(litExpert);
  const hoveredExpert = useSelection((state) => state.hoveredExpert);
  const hoveredLayer = useSelection((state) => state.hoveredLayer);
  return {
    hovered: hoveredExpert === null ? null : { row: hoveredLayer ?? layer, column: hoveredExpert },
    onHover: (cell) => hoverExpert(cell ? cell.column : null, cell ? cell.row : null),
    selectedRow: layer,
    selectedColumn: expert,
    onSelect: ({ row, column }) => {
      selectLayer(row);
      pinExpert(column);
    },
  };
}
